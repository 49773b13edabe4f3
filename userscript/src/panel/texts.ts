/** All words of the panel, in its languages. {name} is filled in. */

import type { AttentionReason } from "../types";

const en = {
	title: "arena-video",
	panel: "arena-video worker",
	language: "Language",
	theme: "Light or dark",
	theme_auto: "As the system",
	theme_light: "Light",
	theme_dark: "Dark",
	fold: "Fold the panel",
	unfold: "Unfold the panel",
	move: "Move the panel: drag, or use the arrow keys",

	consent_title: "Before this tab works for you",
	consent_what:
		"This script lets your own server, {server}, make videos in this tab: it sends the prompts and images that your server asks for as if you had typed them here, in your session and under your account, and hands the videos back.",
	consent_terms:
		"The site’s terms of use forbid automated access. Your account may be limited or closed for it.",
	consent_public: "The site may publish prompts, images and videos. Send nothing private.",
	consent_human:
		"It keeps to the site’s limits. Where the site wants to see a human, it stops and asks you; it never answers a challenge itself.",
	consent_where: "Nothing is sent anywhere but to this site and to your server.",
	consent_tick: "I have read this, and I decide to use it",
	agree: "Agree and go on",

	pair_title: "Connect it with your server",
	pair_how: "Open {link} and choose “Add a worker”, the + beside “Workers”; or run ./arena pair. Both show a code, good for ten minutes.",
	pair_code: "Pairing code",
	pair_name: "Name of this browser",
	pair: "Pair",
	pairing: "Pairing…",
	pair_revoked: "Your server has taken this browser’s access back. Pair it again to go on.",
	pair_bad: "That code is not good, or no longer. Get a new one.",
	pair_shape: "A code has eight letters and digits.",
	pair_many: "Too many tries. Wait a minute.",
	pair_unreachable:
		"{server} does not answer. Is it running, and did the manager let the script connect to it?",
	pair_server: "The server answered in a way that is not known. {words}",

	standby_title: "Another tab is at work",
	standby_text:
		"One tab of a browser works at a time. This one takes over when that tab is closed.",
	claim: "Work in this tab instead",

	connecting: "Connecting…",
	offline: "Server not reachable; trying again",
	stopped: "Not connected",
	replaced: "Another window took over this worker’s place.",
	reconnect: "Connect here",
	by_websocket: "Connected by WebSocket",
	by_http: "Connected by requests",
	bar_policy: "the page’s policy allows no WebSocket",
	bar_permission: "the browser was told to block the local network",
	bar_mixed: "the browser allows no unencrypted WebSocket to this server",
	bar_refused: "the WebSocket did not open",

	s_starting: "Starting",
	s_ready: "Ready for work",
	s_busy: "At work",
	s_attention: "You are needed",
	s_cooling_down: "Resting",
	s_paused: "Paused",
	s_consent: "Your decision",
	s_pairing: "Not paired yet",
	s_standby: "Standing by",
	s_connecting: "Connecting",
	s_offline: "Server not reachable",
	s_stopped: "Not connected",

	attention: "You are needed",
	tab_attention: "You are needed",
	do_challenge: "Answer what the page asks. Work goes on by itself afterwards.",
	do_login: "Log in on this site. Work goes on by itself afterwards.",
	do_blocked: "Reload this tab and do what the page asks. Work goes on by itself afterwards.",
	do_verification:
		"Do what the page asks, and make a video by hand if it lets you. No run begins before the pause is over.",
	do_changed: "Reload this tab. If that does not help, the script needs an update: record one run and report it.",
	do_other: "Have a look at this tab.",

	rest: "No run before {time}",
	rest_day: "No run before {time}",
	rest_pace: "A short pause between two runs",
	rest_limit: "The site’s limit is reached",
	rest_verification: "The site did not take the verification",

	job: "Current job",
	job_none: "No job at the moment.",
	waiting_none: "Nothing waits at the server.",
	waiting_one: "1 job waits at the server.",
	waiting_many: "{n} jobs wait at the server.",
	progress: "Progress",
	stage_asking: "asking the site",
	stage_rendering: "being made",
	stage_part: "{n} of {all} videos",
	stage_uploading: "handing over",
	since: "for {time}",
	pause: "Pause",
	resume: "Go on",
	account: "Logged in as {name}",
	account_none: "Not logged in",

	models: "Models",
	models_none: "None found yet.",
	in_text: "text",
	in_image: "image",
	outputs_two: "two videos",
	direct: "Use a chosen model where the site allows it",

	pace: "Pace",
	pace_gap: "Seconds between two runs",
	pace_most: "Runs at most",
	pace_window: "in so many minutes",

	recorder: "Recorder",
	recorder_what:
		"Records one video that you make by hand, for a report that the site has changed. Tokens, cookies and signatures are blanked; your prompt is in it.",
	record: "Start recording",
	record_stop: "Stop",
	record_save: "Save the recording",
	rec_off: "Nothing recorded.",
	rec_waiting: "Make one video on the page now.",
	rec_recording: "Recording the run…",
	rec_done: "Recorded.",

	log: "Log",
	log_none: "Nothing yet.",
	log_copy: "Copy",
	log_copied: "Copied",

	about: "Settings",
	about_name: "This browser is “{name}” at {server}.",
	about_version: "Version {version}",
	unpair: "Forget the pairing",
	unpair_sure: "Really forget it?",
} as const;

export type Word = keyof typeof en;

const es: Record<Word, string> = {
	title: "arena-video",
	panel: "Trabajador de arena-video",
	language: "Idioma",
	theme: "Claro u oscuro",
	theme_auto: "Como el sistema",
	theme_light: "Claro",
	theme_dark: "Oscuro",
	fold: "Plegar el panel",
	unfold: "Desplegar el panel",
	move: "Mover el panel: arrastra, o usa las flechas",

	consent_title: "Antes de que esta pestaña trabaje para ti",
	consent_what:
		"Este script permite que tu propio servidor, {server}, haga vídeos en esta pestaña: envía los textos e imágenes que tu servidor pide como si los hubieras escrito aquí, en tu sesión y con tu cuenta, y entrega los vídeos.",
	consent_terms:
		"Las condiciones de uso del sitio prohíben el acceso automatizado. Por ello podrían limitar o cerrar tu cuenta.",
	consent_public:
		"El sitio puede publicar textos, imágenes y vídeos. No envíes nada privado.",
	consent_human:
		"Respeta los límites del sitio. Cuando el sitio quiere ver a una persona, se detiene y te avisa; nunca resuelve una prueba por su cuenta.",
	consent_where: "Solo se envía algo a este sitio y a tu servidor.",
	consent_tick: "Lo he leído y decido usarlo",
	agree: "Aceptar y seguir",

	pair_title: "Conéctalo con tu servidor",
	pair_how: "Abre {link} y elige «Añadir un trabajador», el + junto a «Trabajadores»; o ejecuta ./arena pair. Ambos muestran un código que vale diez minutos.",
	pair_code: "Código de enlace",
	pair_name: "Nombre de este navegador",
	pair: "Enlazar",
	pairing: "Enlazando…",
	pair_revoked:
		"Tu servidor ha retirado el acceso de este navegador. Enlázalo de nuevo para seguir.",
	pair_bad: "Ese código no vale o ya ha caducado. Pide otro.",
	pair_shape: "Un código tiene ocho letras y cifras.",
	pair_many: "Demasiados intentos. Espera un minuto.",
	pair_unreachable:
		"{server} no responde. ¿Está en marcha, y ha permitido el gestor que el script se conecte?",
	pair_server: "El servidor ha respondido de un modo desconocido. {words}",

	standby_title: "Otra pestaña está trabajando",
	standby_text:
		"Trabaja una sola pestaña por navegador. Esta tomará el relevo cuando se cierre la otra.",
	claim: "Trabajar en esta pestaña",

	connecting: "Conectando…",
	offline: "El servidor no responde; se intenta de nuevo",
	stopped: "Sin conexión",
	replaced: "Otra ventana ha ocupado el lugar de este trabajador.",
	reconnect: "Conectar aquí",
	by_websocket: "Conectado por WebSocket",
	by_http: "Conectado por peticiones",
	bar_policy: "la página no permite WebSocket",
	bar_permission: "el navegador tiene bloqueada la red local",
	bar_mixed: "el navegador no permite un WebSocket sin cifrar con este servidor",
	bar_refused: "el WebSocket no se ha abierto",

	s_starting: "Empezando",
	s_ready: "Listo para trabajar",
	s_busy: "Trabajando",
	s_attention: "Haces falta",
	s_cooling_down: "Descansando",
	s_paused: "En pausa",
	s_consent: "Tu decisión",
	s_pairing: "Sin enlazar",
	s_standby: "En espera",
	s_connecting: "Conectando",
	s_offline: "El servidor no responde",
	s_stopped: "Sin conexión",

	attention: "Haces falta",
	tab_attention: "Haces falta",
	do_challenge: "Responde a lo que pide la página. Después el trabajo sigue solo.",
	do_login: "Inicia sesión en este sitio. Después el trabajo sigue solo.",
	do_blocked: "Recarga esta pestaña y haz lo que pide la página. Después el trabajo sigue solo.",
	do_verification:
		"Haz lo que pide la página y, si te deja, un vídeo a mano. Nada empieza antes de que acabe la pausa.",
	do_changed: "Recarga esta pestaña. Si no ayuda, el script necesita una actualización: graba un vídeo y comunícalo.",
	do_other: "Echa un vistazo a esta pestaña.",

	rest: "Nada empieza antes de las {time}",
	rest_day: "Nada empieza antes del {time}",
	rest_pace: "Una breve pausa entre dos vídeos",
	rest_limit: "Se ha alcanzado el límite del sitio",
	rest_verification: "El sitio no ha aceptado la verificación",

	job: "Trabajo actual",
	job_none: "Ningún trabajo por ahora.",
	waiting_none: "Nada espera en el servidor.",
	waiting_one: "1 trabajo espera en el servidor.",
	waiting_many: "{n} trabajos esperan en el servidor.",
	progress: "Progreso",
	stage_asking: "pidiéndolo al sitio",
	stage_rendering: "haciéndose",
	stage_part: "{n} de {all} vídeos",
	stage_uploading: "entregando",
	since: "desde hace {time}",
	pause: "Pausa",
	resume: "Seguir",
	account: "Sesión de {name}",
	account_none: "Sin sesión",

	models: "Modelos",
	models_none: "Todavía ninguno.",
	in_text: "texto",
	in_image: "imagen",
	outputs_two: "dos vídeos",
	direct: "Usar el modelo elegido donde el sitio lo permita",

	pace: "Ritmo",
	pace_gap: "Segundos entre dos vídeos",
	pace_most: "Vídeos como máximo",
	pace_window: "en tantos minutos",

	recorder: "Grabadora",
	recorder_what:
		"Graba un vídeo que haces a mano, para comunicar que el sitio ha cambiado. Se borran tokens, cookies y firmas; tu texto queda dentro.",
	record: "Empezar a grabar",
	record_stop: "Parar",
	record_save: "Guardar la grabación",
	rec_off: "Nada grabado.",
	rec_waiting: "Haz ahora un vídeo en la página.",
	rec_recording: "Grabando…",
	rec_done: "Grabado.",

	log: "Registro",
	log_none: "Todavía nada.",
	log_copy: "Copiar",
	log_copied: "Copiado",

	about: "Ajustes",
	about_name: "Este navegador es «{name}» en {server}.",
	about_version: "Versión {version}",
	unpair: "Olvidar el enlace",
	unpair_sure: "¿Olvidarlo de verdad?",
};

export type Language = "en" | "es";

export const languages: Record<Language, string> = { en: "English", es: "Español" };

export const words: Record<Language, Record<Word, string>> = { en, es };

export const adviceOf: Record<AttentionReason, Word> = {
	challenge: "do_challenge",
	login: "do_login",
	blocked: "do_blocked",
	verification: "do_verification",
	changed: "do_changed",
	other: "do_other",
};

export type Speak = (word: Word, fill?: Record<string, string | number>) => string;

export function speaker(language: Language): Speak {
	return (word, fill = {}) =>
		words[language][word].replace(/\{(\w+)\}/g, (_, name: string) =>
			String(fill[name] ?? ""),
		);
}

/** Of the languages that a browser names, the first that there is. */
export function languageOf(wanted: readonly string[]): Language {
	const known = wanted
		.map((tag) => tag.slice(0, 2).toLowerCase())
		.find((tag) => tag in words);

	return (known as Language | undefined) ?? "en";
}
