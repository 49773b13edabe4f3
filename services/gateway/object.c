#include "object.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "utf8.h"

/* Whether all else is right, cJSON says. */
static bool harmless(const char *p, size_t n, const struct object_limits *limits)
{
	bool in_string = false;
	int depth = 0, values = 0;

	for (size_t i = 0; i < n; i++) {
		if (in_string) {
			if (p[i] == '\\') {
				if (n - i >= 6 && memcmp(p + i + 1, "u0000", 5) == 0)
					return false;
				i++;
			} else if (p[i] == '"') {
				in_string = false;
			} else if ((unsigned char)p[i] < 0x20) {
				return false;
			}
		} else if (p[i] == '"') {
			in_string = true;
		} else if (p[i] == '{' || p[i] == '[') {
			if (++depth > limits->depth || ++values > limits->values)
				return false;
		} else if (p[i] == ',') {
			if (++values > limits->values)
				return false;
		} else if (p[i] == '}' || p[i] == ']') {
			depth--;
		}
	}
	return true;
}

struct cJSON *object_read(const char *p, size_t n, const struct object_limits *limits)
{
	const char *end = NULL;
	cJSON *root;

	if (utf8_count(p, n) < 0 || !harmless(p, n, limits))
		return NULL;
	root = cJSON_ParseWithLengthOpts(p, n, &end, 0);
	while (root && end < p + n && strchr(" \t\r\n", *end))
		end++;
	if (cJSON_IsObject(root) && end == p + n)
		return root;
	cJSON_Delete(root);
	return NULL;
}
