/* The two clocks. Code that decides something takes the time as an argument instead. */
#ifndef ARENA_CLOCK_H
#define ARENA_CLOCK_H

#include <stdint.h>

int64_t now_ms(void);  /* wall clock, milliseconds since 1970 */
int64_t mono_us(void); /* microseconds, never goes back */
int64_t mono_ms(void); /* the same in milliseconds */

#endif
