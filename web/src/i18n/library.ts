/** Conversations and gallery. */

import type { Words } from "./index";

export const library: Words = {
	en: {
		videos: "Videos",
		more: "Show older ones",
		bin: "Delete",
		new_conversation: "New conversation",
		conversations: "Conversations",
	},
	es: {
		videos: "Vídeos",
		more: "Mostrar anteriores",
		bin: "Borrar",
		new_conversation: "Nueva conversación",
		conversations: "Conversaciones",
	},
};
