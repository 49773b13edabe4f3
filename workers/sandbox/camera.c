#include "camera.h"

#include "noise.h"
#include "words.h"

#include <math.h>

const double CAMERA_NEAREST = 1.25;

struct phrase {
	enum motion motion;
	const char *words;
};

/* The first that is found decides; phrases stand before single words. */
static const struct phrase phrases[] = {
	{MOTION_STILL, "still_camera static no_motion camara_fija camara_quieta sin_movimiento"},
	{MOTION_OUT, "zoom_out zooms_out zooming_out zoomed_out pull_back pull_out dolly_out "
		     "zoom_hacia_afuera "
		     "alejar alejarse alejando aleja"},
	{MOTION_IN,
		"zoom_in zooms_in zooming_in push_in dolly_in move_closer closer acercar acercarse "
		"acercando acerca acercamiento"},
	{MOTION_LEFT, "pan_left pans_left panning_left left move_left izquierda"},
	{MOTION_RIGHT, "pan_right pans_right panning_right right move_right derecha"},
	{MOTION_UP, "pan_up pans_up tilt_up tilts_up move_up upwards upward arriba subir sube"},
	{MOTION_DOWN, "pan_down pans_down tilt_down tilts_down move_down downwards downward abajo "
		      "bajar baja"},
	{MOTION_TURN, "rotate rotates rotating rotation orbit* spin* turn_around rotar rota "
		      "rotando gira girar "
		      "girando orbita orbitar"},
	{MOTION_IN, "zoom zooming"},
};

enum motion camera_choose(const char *folded)
{
	for (unsigned i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (words_count(folded, phrases[i].words))
			return phrases[i].motion;
	return MOTION_DRIFT;
}

/* 0..1 with a soft start and a soft end, but nearly even speed between. */
static double ease(double t)
{
	double s = t * t * (3 - 2 * t);

	return 0.6 * t + 0.4 * s;
}

/* Moves the centre so that the turned view stays inside; half: its half size, relative. */
static double inside(double v, double half)
{
	if (half >= 0.5)
		return 0.5;
	return fmin(fmax(v, half), 1 - half);
}

static struct view aim(enum motion motion, uint64_t seed, double p)
{
	double side = hash01(seed, 201) < 0.5f ? -1 : 1, lift = hash01(seed, 202) < 0.5f ? -1 : 1;
	double near = 1 / CAMERA_NEAREST;
	struct view v = {0.5, 0.5, 1 / 1.12, 0};

	switch (motion) {
	case MOTION_DRIFT:
		v.scale = 0.97 + (1 / 1.16 - 0.97) * p;
		v.x += side * 0.30 * (p - 0.5);
		v.y += lift * 0.14 * (p - 0.5);
		break;
	case MOTION_FLOAT:
		v.scale = 1 - 0.075 * p;
		break;
	case MOTION_IN:
		v.scale = exp(log(near) * p); /* even to the eye: the same ratio each frame */
		break;
	case MOTION_OUT:
		v.scale = exp(log(near) * (1 - p));
		break;
	case MOTION_LEFT:
		v.x = 1 - p;
		break;
	case MOTION_RIGHT:
		v.x = p;
		break;
	case MOTION_UP:
		v.y = 1 - p;
		break;
	case MOTION_DOWN:
		v.y = p;
		break;
	case MOTION_TURN:
		v.angle = side * (p - 0.5) * 0.14;
		v.scale = near;
		v.x += side * 0.05 * sin(p * 3.14159);
		break;
	case MOTION_STILL:
		v.scale = 1;
		break;
	}
	return v;
}

struct view camera_at(enum motion motion, uint64_t seed, double at, double plate_w, double plate_h,
	double w, double h)
{
	struct view v = aim(motion, seed, ease(at));
	double fit = fmin(plate_w / w, plate_h / h); /* plate pixels per frame pixel at scale 1 */
	double c = fabs(cos(v.angle)), s = fabs(sin(v.angle));
	double half_w = (w * c + h * s) / 2 * fit * v.scale / plate_w;
	double half_h = (w * s + h * c) / 2 * fit * v.scale / plate_h;
	double over = fmax(half_w, half_h) * 2;

	if (over > 1) { /* turned corners would stick out: go nearer */
		v.scale /= over;
		half_w /= over;
		half_h /= over;
	}
	/* Along a pan, 0..1 spans what room there is. */
	if (motion == MOTION_LEFT || motion == MOTION_RIGHT)
		v.x = half_w + (1 - 2 * half_w) * v.x;
	if (motion == MOTION_UP || motion == MOTION_DOWN)
		v.y = half_h + (1 - 2 * half_h) * v.y;
	v.x = inside(v.x, half_w);
	v.y = inside(v.y, half_h);
	return v;
}
