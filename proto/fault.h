/*
 * Named faults for tests: FAULT("store.commit") is true at the n-th time when a test armed it,
 * and the constant 0 in release builds (ARENA_FAULTS not defined).
 */
#ifndef ARENA_FAULT_H
#define ARENA_FAULT_H

#include <stdbool.h>

#ifdef ARENA_FAULTS
bool fault_hit(const char *name);
/* Fail at the n-th time from now (1: the next), once. n 0: disarm. */
void fault_arm(const char *name, int n);
#define FAULT(name) fault_hit(name)
#else
#define FAULT(name) 0
#endif

#endif
