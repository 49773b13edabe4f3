#include <unistd.h>

#include "proto/log.h"
#include "proto/stop.h"
#include "services/auth/auth.h"
#include "services/auth/keytool.h"

int main(int argc, char **argv)
{
	struct auth_conf conf;
	struct auth *a;

	if (keytool_wanted(argc, argv))
		return keytool_run(argc, argv);
	stop_block();
	conf_load(auth_conf_table, &conf, "arena-auth",
		"Checks API keys and rate limits. `arena-auth key` administers the keys.", argc,
		argv);
	common_open(&conf.common, "auth");
	if (auth_start(&conf, &a))
		return 1;
	log_info("ready");
	stop_wait();
	auth_stop(a);
	_exit(0); /* nng's threads are never joined: see rpc.h */
}
