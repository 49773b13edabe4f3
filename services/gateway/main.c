#include <sys/resource.h>
#include <unistd.h>

#include "gateway.h"
#include "proto/log.h"
#include "proto/stop.h"

/* A connection is an open file; the usual first limit, 1,024, is for programs that use select(). */
static void many_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int main(int argc, char **argv)
{
	struct gateway_conf conf;
	struct gateway *g;

	stop_block();
	conf_load(gateway_conf_table, &conf, "arena-gateway",
		"HTTP in, answers out: the one public port of arena-video.", argc, argv);
	common_open(&conf.common, "gateway");
	many_files();
	if (gateway_start(&conf, &g) != ERR_OK)
		return 1;
	log_info("ready", LI("port", gateway_port(g)));
	stop_wait();
	gateway_stop(g);
	log_info("stopped");
	/* nng's sockets are not closed in a running process: rpc.h. */
	_exit(0);
}
