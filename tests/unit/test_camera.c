#include "check.h"
#include "workers/sandbox/camera.h"
#include "workers/sandbox/words.h"

#include <math.h>

static enum motion motion_of(const char *prompt)
{
	char *folded = words_fold(prompt);
	enum motion m = camera_choose(folded);

	free(folded);
	return m;
}

static void words_choose_the_motion(void)
{
	static const struct {
		const char *prompt;
		enum motion motion;
	} cases[] = {
		{"the old house", MOTION_DRIFT},
		{"Zoom in, slowly", MOTION_IN},
		{"ZOOM-OUT from the house", MOTION_OUT},
		{"pan left over the hills", MOTION_LEFT},
		{"pan right", MOTION_RIGHT},
		{"camera moves UPWARDS", MOTION_UP},
		{"tilt down", MOTION_DOWN},
		{"orbit around her", MOTION_TURN},
		{"acercar la cámara", MOTION_IN},
		{"aléjate, alejar", MOTION_OUT},
		{"hacia la izquierda", MOTION_LEFT},
		{"a la derecha", MOTION_RIGHT},
		{"hacia arriba", MOTION_UP},
		{"hacia abajo", MOTION_DOWN},
		{"cámara fija", MOTION_STILL},
		{"leftovers and brighter", MOTION_DRIFT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_INT(motion_of(cases[i].prompt), cases[i].motion);
}

/* The corners of the view, as parts of the plate, never lie outside it. */
static void check_inside(struct view v, double pw, double ph, double w, double h)
{
	double fit = fmin(pw / w, ph / h) * v.scale;

	for (int corner = 0; corner < 4; corner++) {
		double x = (corner & 1 ? 1 : -1) * w / 2 * fit;
		double y = (corner & 2 ? 1 : -1) * h / 2 * fit;
		double px = v.x * pw + x * cos(v.angle) - y * sin(v.angle);
		double py = v.y * ph + x * sin(v.angle) + y * cos(v.angle);

		CHECK(px > -0.01 && px < pw + 0.01);
		CHECK(py > -0.01 && py < ph + 0.01);
	}
}

static void the_view_never_leaves_the_plate(void)
{
	static const double plates[][4] = {
		{900, 1600, 720, 1280},
		{2000, 1600, 720, 1280},
		{1600, 900, 1280, 720},
		{800, 1500, 64, 64},
		{64, 64, 1920, 1080},
	};

	for (size_t p = 0; p < sizeof plates / sizeof *plates; p++)
		for (int m = MOTION_DRIFT; m <= MOTION_STILL; m++)
			for (int seed = 0; seed < 4; seed++)
				for (int i = 0; i <= 24; i++) {
					const double *q = plates[p];

					check_inside(camera_at(m, seed, i / 24.0, q[0], q[1], q[2],
							     q[3]),
						q[0], q[1], q[2], q[3]);
				}
}

static void motion_has_no_jerks(void)
{
	for (int m = MOTION_DRIFT; m <= MOTION_TURN; m++) {
		struct view a = camera_at(m, 1, 0, 2000, 1600, 720, 1280), b;
		double total = 0, most = 0;

		for (int i = 1; i <= 96; i++, a = b) {
			b = camera_at(m, 1, i / 96.0, 2000, 1600, 720, 1280);
			double step = hypot(b.x - a.x, b.y - a.y) + fabs(b.scale - a.scale) +
				      fabs(b.angle - a.angle);

			total += step;
			most = fmax(most, step);
		}
		CHECK(total > 0.02);            /* it moves */
		CHECK(most < 2.5 * total / 96); /* and no frame much more than another */
	}
}

static void pans_go_where_they_say(void)
{
	struct view a = camera_at(MOTION_LEFT, 1, 0, 2000, 1600, 720, 1280);
	struct view b = camera_at(MOTION_LEFT, 1, 1, 2000, 1600, 720, 1280);

	CHECK(b.x < a.x - 0.3);
	a = camera_at(MOTION_IN, 1, 0, 900, 1600, 720, 1280);
	b = camera_at(MOTION_IN, 1, 1, 900, 1600, 720, 1280);
	CHECK(b.scale < a.scale);
}

TESTS("camera", T(words_choose_the_motion), T(the_view_never_leaves_the_plate),
	T(motion_has_no_jerks), T(pans_go_where_they_say))
