/* The prober's examination of a file, without its process and its jail. */
#include "services/bridge/media/media.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int in = memfd_create("in", 0), out = memfd_create("out", 0);
	struct media_files files = {in, -1, -1, out};
	struct report report;
	char line[512];

	if (in < 0 || out < 0 || write(in, p, n) != (ssize_t)n)
		abort();
	media_examine(&files, &report);
	if (report_print(&report, line, sizeof(line)) >= (int)sizeof(line))
		abort();
	close(in);
	close(out);
	return 0;
}
