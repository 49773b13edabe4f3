#include "check.h"
#include "workers/sandbox/type.h"

enum { W = 360, H = 640 };

/* How many pixels of a mid-gray frame the settled type changes. */
static int inked(const char *text, float t)
{
	struct type *type = type_new(text, W, H);
	struct canvas *c = canvas_new(W, H);
	int n = 0;

	cairo_set_source_rgb(c->cr, 0.5, 0.5, 0.5);
	cairo_paint(c->cr);
	uint32_t ground = c->px[0] & 0xffffff;

	type_draw(type, t, c);
	cairo_surface_flush(c->surface);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			n += (c->px[y * c->stride + x] & 255) > (ground & 255) + 60;
	canvas_free(c);
	type_free(type);
	return n;
}

static void long_lines_wrap(void)
{
	struct type *one = type_new("fox", W, H);
	struct type *many = type_new("a quick brown fox jumps over a lazy dog again", W, H);

	CHECK_INT(type_lines(one), 1);
	CHECK(type_lines(many) >= 2);
	CHECK(!type_is_cut(many));
	type_free(one);
	type_free(many);
}

static void long_texts_shrink_then_end_with_an_ellipsis(void)
{
	char *text = malloc(32001);
	struct type *small, *middle, *large;

	memset(text, 0, 32001);
	for (int i = 0; i < 300; i++)
		text[i] = i % 6 == 5 ? ' ' : 'a';
	small = type_new("fox", W, H);
	middle = type_new(text, W, H);
	for (int i = 0; i < 32000; i++)
		text[i] = i % 6 == 5 ? ' ' : 'a';
	large = type_new(text, W, H);
	CHECK(type_size(middle) < type_size(small));
	CHECK(!type_is_cut(middle));
	CHECK(type_size(large) < type_size(middle));
	CHECK(type_is_cut(large));
	CHECK(type_lines(large) > 10);
	type_free(small);
	type_free(middle);
	type_free(large);
	free(text);
}

static void a_word_without_end_is_broken(void)
{
	char text[401];
	struct type *type;

	memset(text, 'w', 400);
	text[400] = 0;
	type = type_new(text, W, H);
	CHECK(type_lines(type) > 3);
	type_free(type);
}

/* A box for a letter is ink, too. */
static void every_script_has_its_letters(void)
{
	static const char *const texts[] = {"Ελληνικά", "Հայերեն", "ქართული", "தமிழ்", "বাংলা",
		"తెలుగు", "ಕನ್ನಡ", "മലയാളം", "ગુજરાતી", "ਪੰਜਾਬੀ", "සිංහල", "ລາວ", "ខ្មែរ", "မြန်မာ",
		"བོད་ཡིག", "አማርኛ", "ᠮᠣᠩᠭᠣᠯ", "ᏣᎳᎩ", "ᐃᓄᒃᑎᑐᑦ", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "ߒߞߏ", "ꦗꦮ", "Привет",
		"ثعلب", "שועל", "लोमड़ी", "จิ้งจอก", "中文日本語ひらがな", "한국어",
		"🦊❄️🌕😀", "áçñøß ẞ ﬁ … — “”", NULL};
	struct type *none = type_new("\U0010FFFD", W, H);

	for (const char *const *t = texts; *t; t++) {
		struct type *type = type_new(*t, W, H);

		if (type_unknown(type))
			fprintf(stderr, "%s: %d letters are missing\n", *t, type_unknown(type));
		CHECK_INT(type_unknown(type), 0);
		type_free(type);
	}
	CHECK_INT(type_unknown(none), 1);
	type_free(none);
}

static void every_script_leaves_ink(void)
{
	static const char *const texts[] = {
		"Latin letters",
		"Привет, лиса",
		"ثعلب أحمر في الثلج",
		"שועל אדום בשלג",
		"लाल लोमड़ी",
		"จิ้งจอกแดง",
		"雪の中の赤い狐",
		"눈 속의 붉은 여우",
		"🦊❄️🌕",
		"mixed עברית and العربية 123",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int n = inked(texts[i], 10);

		if (n < 200)
			fprintf(stderr, "%s: %d pixels\n", texts[i], n);
		CHECK(n >= 200);
	}
}

static void type_arrives_and_stays(void)
{
	int start = inked("a red fox", 0), mid = inked("a red fox", 0.4f);
	int end = inked("a red fox", 2), later = inked("a red fox", 9);

	CHECK_INT(start, 0);
	CHECK(mid < end);
	CHECK_INT(end, later);
}

static void odd_texts_do_no_harm(void)
{
	static const char *const texts[] = {"\n\n\t", "\xe2\x80\xae reversed",
		"a\xcc\x81\xcc\x81\xcc\x81", "<b>no & markup</b> %s%n", "\xf3\xa0\x81\xa7"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct type *type = type_new(texts[i], 64, 64);

		CHECK(type != NULL);
		type_free(type);
	}
}

/* fontconfig keeps what it has read for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

TESTS("type", T(long_lines_wrap), T(long_texts_shrink_then_end_with_an_ellipsis),
	T(a_word_without_end_is_broken), T(every_script_leaves_ink),
	T(every_script_has_its_letters), T(type_arrives_and_stays), T(odd_texts_do_no_harm))
