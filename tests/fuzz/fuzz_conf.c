/* Settings: the input is a command line, one word per line; the first line goes to the environment.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/conf.h"

struct sample {
	const char *url, *tcp, *addr;
	int64_t count, size, wait;
	bool open;
};

static const struct conf_opt opts[] = {CONF_STR(struct sample, url, "url", "x", ""),
	CONF_STR_IF(struct sample, tcp, "tcp", "tcp://a:1", conf_wrong_urls, ""),
	CONF_STR_IF(struct sample, addr, "addr", "a:1", conf_wrong_addrs, ""),
	CONF_INT(struct sample, count, "count", "5", 1, 10, ""),
	CONF_SIZE(struct sample, size, "size", "16K", 1, 1 << 30, ""),
	CONF_MS(struct sample, wait, "wait", "20s", 0, 86400000, ""),
	CONF_BOOL(struct sample, open, "open", "no", ""), CONF_END};

static const char *first_line;

static const char *environment(const char *name)
{
	return strcmp(name, "ARENA_URL") == 0 ? NULL : first_line;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *text = malloc(n + 1), *rest = text, program[] = "program", *argv[32] = {program};
	struct sample c;
	int argc = 1;

	memcpy(text, p, n);
	text[n] = '\0';
	first_line = strsep(&rest, "\n");
	while (argc < 32 && (argv[argc] = strsep(&rest, "\n")))
		argc++;
	free(conf_parse(opts, &c, environment, argc, argv));
	free(conf_parse(opts, &c, NULL, argc, argv));
	free(text);
	return 0;
}
