/* The one user of libseccomp. */
#include "proto/jail.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JAIL_SANITIZER 1
#endif
#endif

/* Reading and writing what is open, memory, threads, clocks, and the end. */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fsync),
	SCMP_SYS(close),
	SCMP_SYS(poll),
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
#ifdef JAIL_SANITIZER
	SCMP_SYS(openat),
	SCMP_SYS(readlink),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(sysinfo),
	SCMP_SYS(prctl),
	SCMP_SYS(tgkill),
#endif
};

/* What libraries try and can do without: these fail softly, all else kills. */
static const struct {
	int call, error;
} refused[] = {
	{SCMP_SYS(clone3), ENOSYS}, /* its flags lie in memory; libc falls back to clone */
	{SCMP_SYS(ioctl), ENOTTY},  /* "is this a terminal?" */
#ifndef JAIL_SANITIZER
	{SCMP_SYS(open), EACCES},
	{SCMP_SYS(openat), EACCES},
	{SCMP_SYS(newfstatat), EACCES},
	{SCMP_SYS(prctl), EPERM},
	{SCMP_SYS(readlink), EACCES},
	{SCMP_SYS(sysinfo), EPERM},
	{SCMP_SYS(getrlimit), EPERM},
	{SCMP_SYS(prlimit64), EPERM},
#endif
};

static int limit(int what, long value)
{
	struct rlimit r = {(rlim_t)value, (rlim_t)value};

	return setrlimit(what, &r);
}

static int set_limits(const struct jail_limits *l)
{
#ifndef JAIL_SANITIZER
	if (limit(RLIMIT_AS, l->memory_bytes))
		return -1;
#endif
	return limit(RLIMIT_CPU, l->cpu_seconds) || limit(RLIMIT_FSIZE, l->file_bytes) ||
			       limit(RLIMIT_CORE, 0)
		       ? -1
		       : 0;
}

static int add_rules(scmp_filter_ctx f)
{
	int bad = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		bad |= seccomp_rule_add(
			f, SCMP_ACT_ERRNO((uint16_t)refused[i].error), refused[i].call, 0);
	/* New threads, no new processes. */
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	return bad;
}

int jail_enter(const struct jail_limits *limits)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int bad = 1;

	if (!f)
		return -1;
	if (!seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) && !add_rules(f) && !set_limits(limits))
		bad = seccomp_load(f);
	seccomp_release(f);
	return bad ? -1 : 0;
}
