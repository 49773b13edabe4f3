/* arena-jobs: what is to be done, and what became of it. */
#include <unistd.h>

#include "jobs.h"
#include "proto/log.h"
#include "proto/stop.h"

int main(int argc, char **argv)
{
	struct jobs_conf conf;
	struct jobs *j;

	stop_block();
	conf_load(jobs_conf_table, &conf, "arena-jobs",
		"Keeps the jobs: what is to be done, and what became of it.", argc, argv);
	common_open(&conf.common, "jobs");
	if (jobs_start(&conf, &j) != ERR_OK)
		return 1;
	log_info("ready", LS("url", conf.jobs_url), LS("hints", conf.hints_url));
	stop_wait();
	log_info("stopping");
	jobs_stop(j);
	_exit(0); /* nng's threads are still there, see rpc.h */
}
