#include "check.h"
#include "workers/sandbox/film.h"

static void draw_number(const void *ctx, int i, struct canvas *c)
{
	uint32_t v = (uint32_t)(i * 5 % 256);

	(void)ctx;
	for (int k = 0; k < c->h * c->stride; k++)
		c->px[k] = v << 16 | v << 8 | v;
}

static int take_number(void *arg, int i, const struct yuv *y)
{
	int *next = arg, v = i * 5 % 256;

	CHECK_INT(i, *next);
	CHECK(abs(y->plane[0][0] - (16 + v * 219 / 255)) <= 2);
	CHECK(abs(y->plane[1][0] - 128) <= 1);
	CHECK(abs(y->plane[2][0] - 128) <= 1);
	return ++*next == 70 ? -1 : 0;
}

static void frames_come_in_order_and_may_be_stopped(void)
{
	for (int threads = 1; threads <= 4; threads++) {
		struct reel reel = {64, 64, 60, draw_number, NULL};
		int next = 0;

		CHECK_INT(film_run(&reel, threads, take_number, &next), 0);
		CHECK_INT(next, 60);
		reel.frames = 100;
		next = 0;
		CHECK_INT(film_run(&reel, threads, take_number, &next), -1);
		CHECK_INT(next, 70);
	}
}

TESTS("film", T(frames_come_in_order_and_may_be_stopped))
