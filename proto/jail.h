/*
 * A jail for programs that decode a stranger's bytes: limits, and a list of the few system calls
 * that computing needs. Nothing can be opened, connected to or started any more; what is open
 * stays so. For small, short-lived processes, never for a service.
 */
#ifndef ARENA_JAIL_H
#define ARENA_JAIL_H

struct jail_limits {
	long cpu_seconds;  /* all threads together; SIGKILL ends it */
	long memory_bytes; /* of address space */
	long file_bytes;   /* the largest file that can be written */
};

/*
 * Enters it, with all threads that exist. There is no way back. -1 when the kernel refuses: then
 * the caller must not go on. In sanitizer builds the memory limit is not set and what their
 * runtime needs is allowed as well.
 */
int jail_enter(const struct jail_limits *limits);

#endif
