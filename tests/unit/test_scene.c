#include "check.h"
#include "workers/sandbox/noise.h"
#include "workers/sandbox/scene.h"
#include "workers/sandbox/words.h"

static struct shot shot_of(const char *prompt, uint64_t seed)
{
	char *folded = words_fold(prompt);
	struct shot shot;

	scene_choose(folded, seed, &shot);
	free(folded);
	return shot;
}

static void words_choose_the_style(void)
{
	static const struct {
		const char *prompt, *style;
	} cases[] = {
		{"a red fox in the snow", "snow"},
		{"un zorro en la NIEVE", "snow"},
		{"the sea at dawn", "sea"},
		{"el mar", "sea"},
		{"el océano azul", "sea"},
		{"deep forest", "forest"},
		{"un bosque encantado", "forest"},
		{"a city street", "city"},
		{"la ciudad", "city"},
		{"lost in space", "space"},
		{"el espacio", "space"},
		{"fire!", "fire"},
		{"fuego y ceniza", "fire"},
		{"montañas", "mountains"},
		{"northern lights", "aurora"},
		{"flores de primavera", "meadow"},
		{"abstract music video", "shapes"},
		{"smoke and silk", "silk"},
		{"海", "sea"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(shot_of(cases[i].prompt, 1).style->name, cases[i].style);
}

static void words_choose_hour_and_weather(void)
{
	CHECK_INT(shot_of("forest at night", 1).hour, HOUR_NIGHT);
	CHECK_INT(shot_of("bosque de noche", 1).hour, HOUR_NIGHT);
	CHECK_INT(shot_of("city at sunset", 1).hour, HOUR_DUSK);
	CHECK_INT(shot_of("mar de dia", 1).hour, HOUR_DAY);
	CHECK(shot_of("city in the rain", 1).rain);
	CHECK(shot_of("ciudad con lluvia", 1).rain);
	CHECK(!shot_of("space in the rain", 1).rain);
}

static void no_known_word_leaves_it_to_the_seed(void)
{
	const struct style *seen[64];
	int count = 0;

	for (int seed = 0; seed < 64; seed++) {
		const struct style *s = shot_of("qwerty", hash_mix(seed)).style;
		int known = 0;

		CHECK(s == shot_of("qwerty", hash_mix(seed)).style);
		for (int i = 0; i < count; i++)
			known |= seen[i] == s;
		if (!known)
			seen[count++] = s;
	}
	CHECK(count >= 8);
}

struct look {
	double mean;      /* brightness 0..255 */
	double variation; /* mean distance from it */
};

static struct look look_at(const struct canvas *c)
{
	struct look l = {0, 0};
	int n = c->w * c->h;

	for (int pass = 0; pass < 2; pass++)
		for (int y = 0; y < c->h; y++)
			for (int x = 0; x < c->w; x++) {
				uint32_t p = c->px[y * c->stride + x];
				double v = ((p >> 16 & 255) + 2 * (p >> 8 & 255) + (p & 255)) / 4.0;

				if (!pass)
					l.mean += v / n;
				else
					l.variation += (v > l.mean ? v - l.mean : l.mean - v) / n;
			}
	return l;
}

static int pixels_apart(const struct canvas *a, const struct canvas *b)
{
	int n = 0;

	for (int y = 0; y < a->h; y++)
		for (int x = 0; x < a->w; x++)
			n += a->px[y * a->stride + x] != b->px[y * b->stride + x];
	return n;
}

/* Every style, in every hour and some shapes: a picture, that moves, and comes out the same again.
 */
static void every_style_draws_and_moves(void)
{
	static const int sizes[][2] = {{144, 256}, {256, 144}, {64, 64}};
	const struct style *style;

	for (unsigned i = 0; (style = scene_style(i)); i++)
		for (int k = 0; k < 9; k++) {
			const int *size = sizes[k / 3];
			struct canvas *a = canvas_new(size[0], size[1]);
			struct canvas *b = canvas_new(size[0], size[1]);
			struct shot shot = {style, hash_mix(i * 31 + k), k % 3, k == 1, k == 2, 1};
			struct look l;

			scene_draw(&shot, 0.5f, a);
			l = look_at(a);
			if (l.mean < 6 || l.variation < 3)
				fprintf(stderr, "%s, hour %d: mean %.1f, variation %.1f\n",
					style->name, k % 3, l.mean, l.variation);
			CHECK(l.mean >= 6);
			CHECK(l.variation >= 3);
			scene_draw(&shot, 1.5f, b);
			CHECK(pixels_apart(a, b) > size[0] * size[1] / 50);
			scene_draw(&shot, 0.5f, b);
			if (pixels_apart(a, b))
				fprintf(stderr, "%s is not the same again\n", style->name);
			CHECK_INT(pixels_apart(a, b), 0);
			canvas_free(a);
			canvas_free(b);
		}
}

static void soft_fields_have_no_bands(void)
{
	struct canvas *c = canvas_new(256, 256);
	struct shot shot = shot_of("calm night sky", 5);
	int runs = 0;

	scene_draw(&shot, 0, c);
	/* Down a column of a gradient, dithered neighbours differ by one step at most places. */
	for (int y = 1; y < 100; y++)
		runs += c->px[y * c->stride + 3] != c->px[(y - 1) * c->stride + 3];
	CHECK(runs > 20);
	canvas_free(c);
}

TESTS("scene", T(words_choose_the_style), T(words_choose_hour_and_weather),
	T(no_known_word_leaves_it_to_the_seed), T(every_style_draws_and_moves),
	T(soft_fields_have_no_bands))
