// All words of the page, in its languages. {name} is filled in.

const words = {
	en: {
		language: "Language", theme: "Light or dark", sign_out: "Sign out", sign_in: "Sign in",
		door_title: "Your key, please",
		door_text: "Videos belong to the API key that asked for them. Enter yours to see them and to make more.",
		door_hint: "On the machine that runs the gateway, this shows the owner’s key:",
		key: "API key", keep: "Remember it on this device",
		key_shape: "That does not look like an API key. It begins with av_ and has 46 characters.",
		key_worker: "That is a worker’s key. To make videos, use an API key: it begins with av_.",
		ask: "What shall we film?", prompt: "What the video shows",
		prompt_hint: "A red fox crosses the snow at dawn, slow camera from the left…",
		image_add: "Start from an image", image_away: "Without the image", drop_here: "Let go to start from this image",
		model: "Model", size: "Size", seconds: "Length", send: "Make the video", videos: "Videos",
		no_model: "no model", second: "{n} s",
		portrait: "portrait", landscape: "landscape", square: "square",
		empty_title: "Nothing filmed yet", empty_text: "Write what you would like to see, or start from one of these.",
		idea1: "A paper boat sails through a night sky full of stars",
		idea2: "Rain on the window of a night train, city lights beyond",
		idea3: "A lighthouse in a storm, seen from the sea",
		more: "Show older ones",
		queued: "Waiting for a free worker", in_progress: "Being made", completed: "Done", failed: "It did not work",
		cancelled: "Cancelled", gone: "The file is no longer there",
		attempt: "try {n}", stage_rendering: "drawing", stage_encoding: "encoding", stage_uploading: "handing over",
		cancel: "Cancel", cancelling: "Cancelling…", save: "Download", again: "Again", play: "Play", now: "just now", bin: "Delete", sure: "Really?", deleting: "Deleting…",
		too_large: "The image has {n} MB; it may have up to 10 MB.",
		no_image: "That is no image that can be used. PNG, JPEG, WebP and GIF can.",
		no_prompt: "Write first what the video shows.",
		text_only: "{model} cannot start from an image.",
		up: "Ready", up_model: "{model} is ready", workers_none: "No worker is connected: videos wait until one comes.",
		down: "No connection. Trying again…", limited: "Too many requests. Going on in {n} s.",
		network: "The gateway cannot be reached. Is it running?",
		e_invalid_api_key: "This key is not known here, or it is good no more.",
		e_rate_limit_exceeded: "Too many requests with this key. Wait a moment and try again.",
		e_too_many_waiting: "Too many of your videos are waiting. Wait until some are done, or cancel some.",
		e_queue_full: "The queue is full. Try again later.",
		e_service_unavailable: "A part of the gateway is not reachable at the moment. Try again.",
		e_timeout: "A part of the gateway did not answer in time. Try again.",
		e_overloaded: "The gateway is busy. Try again in a moment.",
		e_storage_failed: "The gateway could not write to its disk. Its operator should look at it.",
		e_invalid_image: "The file is not an image that can be read. PNG, JPEG, WebP and GIF can.",
		e_request_too_large: "That is too large. An image may have up to 10 MB.",
		e_prompt_too_long: "The prompt is too long. Shorten it.",
		e_worker_lost: "The worker went away while it was making this.",
		e_expired: "No worker took this in time.",
		workers: "Workers", worker_add: "Add a worker",
		w_ready: "Ready", w_busy: "At work", w_attention: "You are needed", w_cooling_down: "Resting", w_paused: "Paused",
		w_away: "Not connected", w_until: "Resting until {time}", w_look: "Open that page", w_remove: "Remove",
		a_challenge: "The page asks something that only a human may answer.",
		a_login: "Log in on that site.",
		a_blocked: "That site lets nobody through. Reload its tab and do what it asks.",
		a_verification: "That site did not take the verification. Do what it asks; work rests meanwhile.",
		a_changed: "That site has changed. Reload its tab; if that does not help, the script needs an update.",
		a_other: "Have a look at that tab.",
		pair_text: "A tab of your browser on the Arena site makes the videos, in your session there.",
		pair_manager: "Have a userscript manager, such as Tampermonkey; in Chrome its switch “Allow User Scripts” must be on.",
		pair_script: "Install the userscript",
		pair_site: "Open the site, and type this code into the panel there.",
		pair_until: "Good once, until {time}.", pair_come: "{name} is connected.",
		pair_terms: "The site’s terms forbid automated access, and it may publish what you send. The choice is yours.",
		pair_again: "Another code", pair_close: "Close",
		sides: "Which video is shown", votes: "Which video is better?",
		vote_a: "A is better", vote_b: "B is better", vote_tie: "A tie", vote_both_bad: "Both are bad",
		vote_sent: "Your vote: {winner}", vote_pending: "Your vote: {winner}. It is on its way.",
		vote_failed: "The vote did not go through. {message}",
	},
	es: {
		language: "Idioma", theme: "Claro u oscuro", sign_out: "Salir", sign_in: "Entrar",
		door_title: "Tu clave, por favor",
		door_text: "Los vídeos pertenecen a la clave de API que los pidió. Escribe la tuya para verlos y hacer más.",
		door_hint: "En la máquina donde corre la pasarela, esto muestra la clave del dueño:",
		key: "Clave de API", keep: "Recordarla en este dispositivo",
		key_shape: "Eso no parece una clave de API. Empieza por av_ y tiene 46 caracteres.",
		key_worker: "Esa es la clave de un trabajador. Para hacer vídeos usa una clave de API: empieza por av_.",
		ask: "¿Qué filmamos?", prompt: "Qué muestra el vídeo",
		prompt_hint: "Un zorro rojo cruza la nieve al amanecer, la cámara avanza despacio…",
		image_add: "Empezar desde una imagen", image_away: "Sin la imagen", drop_here: "Suéltala para empezar desde esta imagen",
		model: "Modelo", size: "Tamaño", seconds: "Duración", send: "Hacer el vídeo", videos: "Vídeos",
		no_model: "sin modelo", second: "{n} s",
		portrait: "vertical", landscape: "horizontal", square: "cuadrado",
		empty_title: "Todavía no hay nada filmado", empty_text: "Escribe lo que te gustaría ver, o empieza con una de estas ideas.",
		idea1: "Un barco de papel navega por un cielo nocturno lleno de estrellas",
		idea2: "Lluvia en la ventana de un tren nocturno, luces de ciudad al fondo",
		idea3: "Un faro en la tormenta, visto desde el mar",
		more: "Mostrar anteriores",
		queued: "Esperando un trabajador libre", in_progress: "En proceso", completed: "Listo", failed: "No salió",
		cancelled: "Cancelado", gone: "El archivo ya no está",
		attempt: "intento {n}", stage_rendering: "dibujando", stage_encoding: "codificando", stage_uploading: "entregando",
		cancel: "Cancelar", cancelling: "Cancelando…", save: "Descargar", again: "Otra vez", play: "Reproducir", now: "ahora mismo", bin: "Borrar", sure: "¿Seguro?", deleting: "Borrando…",
		too_large: "La imagen ocupa {n} MB; el máximo son 10 MB.",
		no_image: "Esa imagen no se puede usar. Se admiten PNG, JPEG, WebP y GIF.",
		no_prompt: "Escribe primero qué muestra el vídeo.",
		text_only: "{model} no puede empezar desde una imagen.",
		up: "Listo", up_model: "{model} está listo", workers_none: "No hay ningún trabajador conectado: los vídeos esperan hasta que llegue uno.",
		down: "Sin conexión. Reintentando…", limited: "Demasiadas peticiones. Sigo en {n} s.",
		network: "No se puede llegar a la pasarela. ¿Está en marcha?",
		e_invalid_api_key: "Aquí no se conoce esta clave, o ya no vale.",
		e_rate_limit_exceeded: "Demasiadas peticiones con esta clave. Espera un momento y prueba otra vez.",
		e_too_many_waiting: "Tienes demasiados vídeos en espera. Espera a que terminen algunos, o cancela alguno.",
		e_queue_full: "La cola está llena. Prueba más tarde.",
		e_service_unavailable: "Una parte de la pasarela no responde ahora mismo. Prueba otra vez.",
		e_timeout: "Una parte de la pasarela no respondió a tiempo. Prueba otra vez.",
		e_overloaded: "La pasarela está ocupada. Prueba otra vez en un momento.",
		e_storage_failed: "La pasarela no pudo escribir en su disco. Su operador debería mirarlo.",
		e_invalid_image: "El archivo no es una imagen que se pueda leer. Se admiten PNG, JPEG, WebP y GIF.",
		e_request_too_large: "Es demasiado grande. Una imagen puede ocupar hasta 10 MB.",
		e_prompt_too_long: "El texto es demasiado largo. Acórtalo.",
		e_worker_lost: "El trabajador desapareció mientras hacía este vídeo.",
		e_expired: "Ningún trabajador lo tomó a tiempo.",
		workers: "Trabajadores", worker_add: "Añadir un trabajador",
		w_ready: "Listo", w_busy: "Trabajando", w_attention: "Haces falta", w_cooling_down: "Descansando", w_paused: "En pausa",
		w_away: "Sin conexión", w_until: "Descansa hasta las {time}", w_look: "Abrir esa página", w_remove: "Quitar",
		a_challenge: "La página pide algo que solo una persona debe responder.",
		a_login: "Inicia sesión en ese sitio.",
		a_blocked: "Ese sitio no deja pasar a nadie. Recarga su pestaña y haz lo que pide.",
		a_verification: "Ese sitio no aceptó la verificación. Haz lo que pide; mientras tanto el trabajo descansa.",
		a_changed: "Ese sitio ha cambiado. Recarga su pestaña; si no ayuda, el script necesita una actualización.",
		a_other: "Echa un vistazo a esa pestaña.",
		pair_text: "Una pestaña de tu navegador en el sitio Arena hace los vídeos, en tu sesión de allí.",
		pair_manager: "Ten un gestor de userscripts, como Tampermonkey; en Chrome su interruptor «Permitir secuencias de comandos de usuario» debe estar activado.",
		pair_script: "Instala el userscript",
		pair_site: "Abre el sitio y escribe este código en el panel que aparece.",
		pair_until: "Vale una vez, hasta las {time}.", pair_come: "{name} está conectado.",
		pair_terms: "Las condiciones del sitio prohíben el acceso automatizado, y puede publicar lo que envías. La decisión es tuya.",
		pair_again: "Otro código", pair_close: "Cerrar",
		sides: "Qué vídeo se muestra", votes: "¿Qué vídeo es mejor?",
		vote_a: "Mejor A", vote_b: "Mejor B", vote_tie: "Empate", vote_both_bad: "Los dos mal",
		vote_sent: "Tu voto: {winner}", vote_pending: "Tu voto: {winner}. Está en camino.",
		vote_failed: "El voto no llegó. {message}",
	},
};

export const languages = Object.keys(words);

export let language = "en";

export function t(key, values = {}) {
	const text = words[language][key] ?? words.en[key] ?? key;
	return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export function known(key) {
	return key in words[language];
}

// What was chosen here before, else the first language of the browser that we speak.
export function languageAtFirst(chosen, wished) {
	const short = wished.map((l) => l.slice(0, 2).toLowerCase());
	return [chosen, ...short].find((l) => languages.includes(l)) ?? "en";
}

// Set the language and all texts that stand in the page itself.
export function speak(lang, root = document) {
	language = lang;
	root.documentElement.lang = lang;
	for (const el of root.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
	for (const el of root.querySelectorAll("[data-hint]")) el.placeholder = t(el.dataset.hint);
	for (const el of root.querySelectorAll("[data-label]")) {
		el.setAttribute("aria-label", t(el.dataset.label));
		el.title = t(el.dataset.label);
	}
	for (const el of root.querySelectorAll("[data-lang]"))
		el.setAttribute("aria-pressed", String(el.dataset.lang === lang));
}

// "3 minutes ago", from seconds since 1970.
export function ago(seconds, now = Date.now()) {
	const past = Math.max(0, now / 1000 - seconds);
	if (past < 60) return t("now");
	const [unit, size] = past < 3600 ? ["minute", 60] : past < 86400 ? ["hour", 3600] : ["day", 86400];
	const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
	return format.format(-Math.floor(past / size), unit);
}
