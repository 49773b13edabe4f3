/** The gateway's codes, in words for people. Without a word here the gateway's own is shown. */

import type { Words } from "./index";

export const errors: Words = {
	en: {
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
		e_network: "The gateway cannot be reached. Is it running?",
	},
	es: {
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
		e_network: "No se puede llegar a la pasarela. ¿Está en marcha?",
	},
};
