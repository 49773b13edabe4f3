#include <sys/resource.h>
#include <unistd.h>

#include "proto/log.h"
#include "proto/stop.h"
#include "services/bridge/bridge.h"

#define FILES_MAX 16384

/* libwebsockets makes tables for as many files as may be open: memory, where a million may. */
static void few_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return;
	l.rlim_cur = l.rlim_max < FILES_MAX ? l.rlim_max : FILES_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int main(int argc, char **argv)
{
	struct bridge_conf conf;
	struct bridge *b;

	stop_block();
	conf_load(bridge_conf_table, &conf, "arena-bridge",
		"Connects workers (WebSocket) to the jobs service.", argc, argv);
	common_open(&conf.common, "bridge");
	few_files();
	if (bridge_start(&conf, &b) != ERR_OK)
		return 1;
	log_info("ready");
	stop_wait();
	bridge_stop(b);
	_exit(0); /* nng's threads are never joined: see rpc.h */
}
