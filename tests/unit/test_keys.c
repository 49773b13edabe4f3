#include "services/auth/keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

#define SECOND 1000000LL

static char *path_in(const char *dir, const char *name)
{
	static char path[2][600];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
	return path[turn];
}

static char *slurp(const char *dir, const char *name)
{
	char *text = NULL;

	CHECK_INT(file_read(path_in(dir, name), 1 << 20, &text), ERR_OK);
	return text;
}

static void spit(const char *dir, const char *name, const char *text)
{
	CHECK_INT(file_replace(path_in(dir, name), text, strlen(text)), ERR_OK);
}

static int mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void first_start_makes_an_operators_and_a_workers_key(void)
{
	char *dir = tmp_make(), *api, *worker;
	const struct key *k;
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	api = slurp(dir, "api-key");
	worker = slurp(dir, "worker-key");
	CHECK_INT(strlen(api), 46);
	CHECK(strncmp(api, "av_", 3) == 0);
	CHECK(strncmp(worker, "wk_", 3) == 0);
	CHECK_INT(mode_of(path_in(dir, "api-key")), 0600);
	CHECK_INT(mode_of(path_in(dir, "worker-key")), 0600);
	CHECK_INT(mode_of(path_in(dir, "auth/keys.json")), 0600);
	k = keys_find(keys, api, SECOND);
	CHECK(k && k->unlimited && k->kind == KEY_API);
	k = keys_find(keys, worker, SECOND);
	CHECK(k && !k->unlimited && k->kind == KEY_WORKER);
	keys_close(keys);
	free(api);
	free(worker);
	tmp_remove(dir);
}

static void second_start_keeps_the_keys_and_makes_no_file_again(void)
{
	char *dir = tmp_make(), *api;
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	keys_close(keys);
	api = slurp(dir, "api-key");
	unlink(path_in(dir, "api-key"));
	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	CHECK(keys_find(keys, api, SECOND) != NULL);
	CHECK_INT(access(path_in(dir, "api-key"), F_OK), -1);
	CHECK_INT(keys_all(keys)->n, 2);
	keys_close(keys);
	free(api);
	tmp_remove(dir);
}

static void first_start_cut_short_goes_on_with_the_file_it_left(void)
{
	const char *left = "av_0123456789012345678901234567890123456789012";
	char *dir = tmp_make(), *api;
	struct keys *keys;

	spit(dir, "api-key", left);
	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	api = slurp(dir, "api-key");
	CHECK_STR(api, left);
	CHECK(keys_find(keys, left, SECOND) != NULL);
	keys_close(keys);
	free(api);
	tmp_remove(dir);
}

static void no_key_is_written_to_the_file_of_records(void)
{
	char *dir = tmp_make(), *api, *json, text[KEY_TEXT], id[KEY_ID];
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	CHECK_INT(keys_add(keys, "ana", KEY_API, false, text, id), ERR_OK);
	api = slurp(dir, "api-key");
	json = slurp(dir, "auth/keys.json");
	CHECK(strstr(json, api + 3) == NULL);
	CHECK(strstr(json, text + 3) == NULL);
	CHECK(strstr(json, id) != NULL);
	keys_close(keys);
	free(api);
	free(json);
	tmp_remove(dir);
}

static void wrong_texts_find_nothing(void)
{
	char *dir = tmp_make(), *api, longer[100];
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	api = slurp(dir, "api-key");
	snprintf(longer, sizeof longer, "%s ", api);
	CHECK(keys_find(keys, "", SECOND) == NULL);
	CHECK(keys_find(keys, "av_", SECOND) == NULL);
	CHECK(keys_find(keys, longer, SECOND) == NULL);
	api[45] = api[45] == 'A' ? 'B' : 'A';
	CHECK(keys_find(keys, api, SECOND) == NULL);
	keys_close(keys);
	free(api);
	tmp_remove(dir);
}

static void bad_names_are_refused(void)
{
	char *dir = tmp_make(), text[KEY_TEXT], id[KEY_ID], name[200];
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	CHECK_INT(keys_add(keys, "", KEY_API, false, text, id), ERR_BAD_PARAM);
	CHECK_INT(keys_add(keys, "a\nb", KEY_API, false, text, id), ERR_BAD_PARAM);
	memset(name, 'x', sizeof name);
	name[129] = '\0';
	CHECK_INT(keys_add(keys, name, KEY_API, false, text, id), ERR_BAD_PARAM);
	name[128] = '\0';
	CHECK_INT(keys_add(keys, name, KEY_API, false, text, id), ERR_OK);
	CHECK_STR(keys_find(keys, text, SECOND)->name, name);
	keys_close(keys);
	tmp_remove(dir);
}

static void others_changes_are_seen_within_a_second_and_not_looked_for_sooner(void)
{
	char *dir = tmp_make(), text[KEY_TEXT], id[KEY_ID];
	struct keys *service, *tool;
	const struct key *k;

	CHECK_INT(keys_open(dir, &service), ERR_OK);
	CHECK_INT(keys_open(dir, &tool), ERR_OK);
	CHECK(keys_find(service, "x", SECOND) == NULL);
	CHECK_INT(keys_add(tool, "ana", KEY_API, false, text, id), ERR_OK);
	CHECK(keys_find(service, text, SECOND + SECOND / 2) == NULL);
	CHECK(keys_find(service, text, 2 * SECOND) != NULL);
	CHECK_INT(keys_revoke(tool, id), ERR_OK);
	k = keys_find(service, text, 3 * SECOND);
	CHECK(k && k->revoked_at > 0);
	keys_close(service);
	keys_close(tool);
	tmp_remove(dir);
}

static void rotated_key_keeps_its_id_and_the_local_file_follows(void)
{
	char *dir = tmp_make(), *old, *new, text[KEY_TEXT], id[KEY_ID];
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	old = slurp(dir, "api-key");
	strcpy(id, keys_find(keys, old, SECOND)->id);
	CHECK_INT(keys_rotate(keys, id, text), ERR_OK);
	new = slurp(dir, "api-key");
	CHECK_STR(new, text);
	CHECK(keys_find(keys, old, SECOND) == NULL);
	CHECK_STR(keys_find(keys, text, SECOND)->id, id);
	CHECK(keys_find(keys, text, SECOND)->unlimited);
	CHECK_INT(mode_of(path_in(dir, "api-key")), 0600);
	keys_close(keys);
	free(old);
	free(new);
	tmp_remove(dir);
}

static void unknown_and_revoked_ids_are_not_found(void)
{
	char *dir = tmp_make(), text[KEY_TEXT], id[KEY_ID];
	struct keys *keys;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	CHECK_INT(keys_revoke(keys, "key_0000000000000000"), ERR_NOT_FOUND);
	CHECK_INT(keys_rotate(keys, "nonsense", text), ERR_NOT_FOUND);
	CHECK_INT(keys_add(keys, "ana", KEY_WORKER, false, text, id), ERR_OK);
	CHECK(strncmp(text, "wk_", 3) == 0);
	CHECK_INT(keys_revoke(keys, id), ERR_OK);
	CHECK_INT(keys_revoke(keys, id), ERR_OK);
	CHECK_INT(keys_rotate(keys, id, text), ERR_NOT_FOUND);
	keys_close(keys);
	tmp_remove(dir);
}

static void damaged_file_stops_the_start_and_does_not_harm_who_runs(void)
{
	static const char *const damaged[] = {"", "{", "[]", "{\"keys\":3}", "{\"keys\":[3]}",
		"{\"keys\":[{\"id\":\"key_0123456789abcdef\",\"name\":\"x\",\"kind\":\"api\","
		"\"hash\":\"00\"}]}",
		"{\"keys\":[{\"id\":\"key_0123456789abcdef\",\"name\":\"x\",\"kind\":\"king\","
		"\"hash\":"
		"\"0000000000000000000000000000000000000000000000000000000000000000\"}]}"};
	char *dir = tmp_make(), *api, *good;
	struct keys *keys, *other;
	int64_t now = SECOND;

	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	api = slurp(dir, "api-key");
	good = slurp(dir, "auth/keys.json");
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		spit(dir, "auth/keys.json", damaged[i]);
		CHECK_INT(keys_open(dir, &other), ERR_STORE);
		CHECK(keys_find(keys, api, now += SECOND) != NULL);
	}
	unlink(path_in(dir, "auth/keys.json"));
	CHECK(keys_find(keys, api, now += SECOND) != NULL);
	spit(dir, "auth/keys.json", good);
	CHECK(keys_find(keys, api, now += SECOND) != NULL);
	keys_close(keys);
	free(api);
	free(good);
	tmp_remove(dir);
}

static void many_processes_that_add_at_once_lose_no_key(void)
{
	enum { PROCESSES = 6, EACH = 10 };
	char *dir = tmp_make(), name[64], text[KEY_TEXT], id[KEY_ID];
	pid_t pids[PROCESSES];
	struct keys *keys;
	struct dirent *d;
	DIR *folder;

	/* The first start is among what they race for. */
	for (int p = 0; p < PROCESSES; p++) {
		pids[p] = fork();
		if (pids[p] != 0)
			continue;
		if (keys_open(dir, &keys))
			_exit(1);
		for (int i = 0; i < EACH; i++) {
			snprintf(name, sizeof name, "process %d key %d", p, i);
			if (keys_add(keys, name, KEY_API, false, text, id))
				_exit(2);
		}
		_exit(0);
	}
	for (int p = 0; p < PROCESSES; p++) {
		int status = -1;

		waitpid(pids[p], &status, 0);
		CHECK_INT(status, 0);
	}
	CHECK_INT(keys_open(dir, &keys), ERR_OK);
	CHECK_INT(keys_all(keys)->n, 2 + PROCESSES * EACH);
	keys_close(keys);

	folder = opendir(path_in(dir, "auth"));
	while (folder && (d = readdir(folder)))
		CHECK(d->d_name[0] == '.' || strcmp(d->d_name, "keys.json") == 0 ||
			strcmp(d->d_name, "keys.lock") == 0);
	closedir(folder);
	tmp_remove(dir);
}

static void folder_that_cannot_be_written_is_an_error(void)
{
	struct keys *keys;

	CHECK_INT(keys_open("/proc/no-such-folder", &keys), ERR_STORE);
	keys_close(NULL);
}

TESTS("keys", T(first_start_makes_an_operators_and_a_workers_key),
	T(second_start_keeps_the_keys_and_makes_no_file_again),
	T(first_start_cut_short_goes_on_with_the_file_it_left),
	T(no_key_is_written_to_the_file_of_records), T(wrong_texts_find_nothing),
	T(bad_names_are_refused),
	T(others_changes_are_seen_within_a_second_and_not_looked_for_sooner),
	T(rotated_key_keeps_its_id_and_the_local_file_follows),
	T(unknown_and_revoked_ids_are_not_found),
	T(damaged_file_stops_the_start_and_does_not_harm_who_runs),
	T(many_processes_that_add_at_once_lose_no_key),
	T(folder_that_cannot_be_written_is_an_error))
