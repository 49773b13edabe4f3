/* docs/openapi.json beside the table of routes: neither has what the other has not. */
#include <cjson/cJSON.h>
#include <strings.h>

#include "services/gateway/inside.h"
#include "services/gateway/pages_data.h"
#include "tests/unit/check.h"

#define PATH 128

static cJSON *document(void)
{
	for (size_t i = 0; page_files[i].path; i++)
		if (strcmp(page_files[i].path, "/openapi.json") == 0)
			return cJSON_ParseWithLength(
				(const char *)page_files[i].p, page_files[i].n);
	return NULL;
}

/* For people and workers rather than programs. */
static bool is_page(const struct route *r)
{
	return strcmp(r->name, "page") == 0 || strcmp(r->name, "docs") == 0 ||
	       strcmp(r->name, "workers") == 0;
}

/* What stands for a segment is {name} there and {}, or a final * for a rest, here. */
static void plain(const char *path, char out[PATH])
{
	size_t n = 0;

	for (; *path && n < PATH - 3; path++) {
		if (*path == '{' || *path == '*') {
			out[n++] = '{';
			out[n++] = '}';
			path += *path == '{' ? strcspn(path, "}") : 0;
		} else {
			out[n++] = *path;
		}
	}
	out[n] = '\0';
}

static bool same_path(const char *a, const char *b)
{
	char x[PATH], y[PATH];

	plain(a, x);
	plain(b, y);
	return strcmp(x, y) == 0;
}

static bool documented(const cJSON *paths, const struct route *r)
{
	const cJSON *path, *operation;

	cJSON_ArrayForEach (path, paths)
		cJSON_ArrayForEach (operation, path)
			if (same_path(path->string, r->pattern) &&
				strcasecmp(operation->string, r->method) == 0)
				return true;
	return false;
}

static bool routed(const char *path, const char *method)
{
	for (const struct route *r = gateway_routes; r->pattern; r++)
		if (!is_page(r) && same_path(path, r->pattern) &&
			strcasecmp(r->method, strcmp(method, "head") == 0 ? "GET" : method) == 0)
			return true;
	return false;
}

static void every_route_is_in_the_document(void)
{
	cJSON *doc = document();
	const cJSON *paths = cJSON_GetObjectItemCaseSensitive(doc, "paths");

	CHECK(cJSON_IsObject(paths));
	for (const struct route *r = gateway_routes; r->pattern; r++) {
		bool there = is_page(r) || documented(paths, r);

		if (!there)
			fprintf(stderr, "not in docs/openapi.json: %s %s\n", r->method, r->pattern);
		CHECK(there);
	}
	cJSON_Delete(doc);
}

static void everything_in_the_document_has_a_route(void)
{
	cJSON *doc = document();
	const cJSON *path, *operation;

	cJSON_ArrayForEach (path, cJSON_GetObjectItemCaseSensitive(doc, "paths"))
		cJSON_ArrayForEach (operation, path) {
			bool there = routed(path->string, operation->string);

			if (!there)
				fprintf(stderr, "no route: %s %s\n", operation->string,
					path->string);
			CHECK(there);
		}
	cJSON_Delete(doc);
}

TESTS("openapi", T(every_route_is_in_the_document), T(everything_in_the_document_has_a_route))
