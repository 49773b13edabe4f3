/* How a program ends: on SIGTERM or SIGINT. */
#ifndef ARENA_STOP_H
#define ARENA_STOP_H

/* Block the stop signals and SIGPIPE in this thread and all it will make. Call first in main. */
void stop_block(void);

/* Wait until SIGTERM or SIGINT comes. */
void stop_wait(void);

#endif
