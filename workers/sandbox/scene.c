#include "scene.h"

#include "noise.h"
#include "weather.h"
#include "words.h"

#include <stddef.h>

static const struct style styles[] = {
	{"snow",
		"snow* nieve nevad* nevando winter invierno ice hielo frozen frost* christmas "
		"navidad "
		"penguin* pinguino* polar arctic artico santa sled* trineo 雪 冬",
		draw_snow, WEATHER_NONE, HOUR_DUSK},
	{"aurora",
		"aurora* boreal* northern_lights auroras magic* magia* mystic* mistic* dream* "
		"sueno* "
		"sonar fairy hada* wizard* iceland islandia 极光",
		draw_aurora, WEATHER_SNOW, HOUR_NIGHT},
	{"space",
		"space espacio espacial* star stars estrella* galax* cosmos cosmic* universe "
		"universo "
		"planet* astronaut* rocket* cohete* nebula* alien* moon luna mars marte spaceship "
		"nave "
		"宇宙 星",
		draw_space, WEATHER_NONE, HOUR_NIGHT},
	{"sea",
		"sea seas mar mares ocean* beach* playa* wave* ola olas boat* barco* ship ships "
		"sail* "
		"vela* fish* pez peces whale* ballena* dolphin* delfin* surf* coast* costa* "
		"island* isla "
		"islas water agua lake lago river rio mermaid* sirena* 海 水",
		draw_sea, WEATHER_RAIN, HOUR_DUSK},
	{"city",
		"city cities ciudad* town pueblo street* calle* urban* urbano* neon* skyline "
		"skyscraper* "
		"rascacielos building* edificio* car cars coche* traffic trafico train* tren "
		"robot* "
		"cyberpunk tokyo tokio york paris london londres madrid metropolis taxi* office "
		"oficina "
		"都市 城市 街",
		draw_city, WEATHER_ANY, HOUR_NIGHT},
	{"forest",
		"forest* bosque* tree* arbol* jungle* selva* wood woods fox* zorro* wolf wolves "
		"lobo* "
		"deer ciervo* bear bears oso osos owl* buho* mushroom* seta setas leaf leaves "
		"hoja* "
		"autumn otono firefl* luciernaga* bird* pajaro* 森 林",
		draw_forest, WEATHER_ANY, HOUR_DAY},
	{"mountains",
		"mountain* montana* landscape* paisaje* hill hills colina* valley* valle* canyon* "
		"canon "
		"desert* desierto* peak* cumbre* eagle* aguila* horizon* cliff* sky cielo cloud* "
		"nube* "
		"sunset* atardecer sunrise* amanecer castle* castillo* 山",
		draw_mountains, WEATHER_ANY, HOUR_DUSK},
	{"fire",
		"fire* fuego* flame* llama llamas lava volcan* dragon* inferno infierno burn* "
		"hoguera* "
		"campfire candle* vela_encendida explosion* ember* phoenix fenix hot 火",
		draw_fire, WEATHER_NONE, HOUR_NIGHT},
	{"meadow",
		"meadow* prado* flower* flor flores spring primavera grass hierba garden* jardin* "
		"field "
		"fields campo* butterfl* mariposa* bee bees abeja* summer verano picnic horse* "
		"caballo* "
		"dog dogs perro* cat cats gato* rabbit* conejo* child* nino* farm* granja* 花",
		draw_meadow, WEATHER_RAIN, HOUR_DAY},
	{"shapes",
		"geometr* abstract* abstract* shape* forma* kinetic cinetico logo* design* diseno* "
		"music* "
		"danc* baile* bailar pattern* party fiesta business negocio* product* poster* "
		"retro disco "
		"modern* moderno* math* matematic* cube* cubo*",
		draw_shapes, WEATHER_NONE, HOUR_DAY},
	{"silk",
		"silk seda smooth suave love amor calm* calma* colour* color* gradient* fluid* "
		"liquid* "
		"liquido* smoke humo fashion moda perfume* elegan* paint* pintura* ink tinta "
		"portrait "
		"retrato relax*",
		draw_silk, WEATHER_NONE, HOUR_DAY},
};

enum { STYLES = sizeof(styles) / sizeof(styles[0]) };

static const char night_words[] =
	"night* noche* midnight medianoche dark* oscur* moonlight nocturn* "
	"starry 夜";
static const char dusk_words[] = "sunset* sunrise* dusk dawn twilight atardecer* amanecer* ocaso "
				 "crepuscul* golden_hour evening tarde 夕";
static const char day_words[] = "day daytime dia sunny soleado* sun sol noon morning manana midday "
				"mediodia daylight bright";
static const char rain_words[] =
	"rain* lluvi* llueve lloviendo storm* tormenta* umbrella* paragua* "
	"drizzle 雨";
static const char snow_words[] = "snow* nieve nevad* nevando winter invierno blizzard 雪";

const struct style *scene_style(unsigned i)
{
	return i < STYLES ? &styles[i] : NULL;
}

static const struct style *choose_style(const char *folded, uint64_t seed)
{
	const struct style *best = &styles[(unsigned)(hash01(seed, 1) * STYLES)];
	int most = 0;

	for (unsigned i = 0; i < STYLES; i++) {
		int n = words_count(folded, styles[i].words);

		if (n > most) {
			most = n;
			best = &styles[i];
		}
	}
	return best;
}

void scene_choose(const char *folded, uint64_t seed, struct shot *ret)
{
	struct shot shot = {.style = choose_style(folded, seed), .seed = seed};

	shot.hour = shot.style->hour;
	if (words_count(folded, night_words))
		shot.hour = HOUR_NIGHT;
	else if (words_count(folded, dusk_words))
		shot.hour = HOUR_DUSK;
	else if (words_count(folded, day_words))
		shot.hour = HOUR_DAY;
	shot.rain = (shot.style->weather & WEATHER_RAIN) && words_count(folded, rain_words);
	shot.snow = (shot.style->weather & WEATHER_SNOW) && words_count(folded, snow_words);
	shot.drift = hash01(seed, 2) < 0.5f ? -1 : 1;
	*ret = shot;
}

void scene_draw(const struct shot *shot, float t, struct canvas *c)
{
	shot->style->draw(shot, t, c);
	if (shot->snow)
		weather_snow(c, shot->seed, t, 1);
	if (shot->rain)
		weather_rain(c, shot->seed, t);
}
