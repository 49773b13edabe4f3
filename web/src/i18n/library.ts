/** Conversations and gallery. */

import type { Words } from "./index";

export const library: Words = {
	en: {
		videos: "Videos",
		more: "Show older ones",
		bin: "Delete",
		new_conversation: "New conversation",
		deleted: "{n} videos deleted",
		deleted_one: "Deleted",
		delete_failed: "It was not deleted. {why}",
		undo: "Undo",
		favourite: "Favourite",
		conversations: "Conversations",
	},
	es: {
		videos: "Vídeos",
		more: "Mostrar anteriores",
		bin: "Borrar",
		new_conversation: "Nueva conversación",
		deleted: "{n} vídeos borrados",
		deleted_one: "Borrado",
		delete_failed: "No se borró. {why}",
		undo: "Deshacer",
		favourite: "Favorito",
		conversations: "Conversaciones",
	},
};
