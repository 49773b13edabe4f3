/* How the view moves over a picture. Pure arithmetic. */
#ifndef ARENA_SANDBOX_CAMERA_H
#define ARENA_SANDBOX_CAMERA_H

#include <stdint.h>

enum motion {
	MOTION_DRIFT, /* Ken Burns: nearer, and a little sideways */
	MOTION_FLOAT, /* nearer, a little: for a picture that must stay whole */
	MOTION_IN,
	MOTION_OUT,
	MOTION_LEFT, /* the view moves left */
	MOTION_RIGHT,
	MOTION_UP,
	MOTION_DOWN,
	MOTION_TURN,
	MOTION_STILL,
};

/*
 * What of the plate a frame shows: a rectangle around (x, y), turned. All relative: x and y are
 * 0..1 of the plate; scale 1 is the largest upright view of the frame's shape inside the plate,
 * smaller is nearer.
 */
struct view {
	double x, y;
	double scale;
	double angle; /* radians */
};

/* The strongest magnification of all motions: plates are made sharp enough for it. */
extern const double CAMERA_NEAREST;

/* `folded` is words_fold() of the prompt. */
enum motion camera_choose(const char *folded);

/*
 * The view at `at` (0 the first frame .. 1 the last) over a plate of plate_w x plate_h for frames
 * of w x h. It never leaves the plate, and moves without a jerk at either end.
 */
struct view camera_at(enum motion motion, uint64_t seed, double at, double plate_w, double plate_h,
	double w, double h);

#endif
