/* Keys from the command line, with no service running or beside one: `arena-auth key ...`. */
#ifndef ARENA_AUTH_KEYTOOL_H
#define ARENA_AUTH_KEYTOOL_H

#include <stdbool.h>

/* Is this command line for the tool? */
bool keytool_wanted(int argc, char **argv);

/* The program's exit status: 0, 1 (it failed), 2 (it was not understood). */
int keytool_run(int argc, char **argv);

#endif
