/** Where in the page the reader is. The address keeps it, so that Back, reload and links work. */

import { signal } from "@preact/signals";

export type Route =
	| { at: "new" }
	| { at: "conversation"; id: string }
	| { at: "gallery" }
	| { at: "compare"; group: string }
	| { at: "settings" };

function parseRoute(hash: string): Route {
	const [place, id] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

	if (place === "c" && id) return { at: "conversation", id };
	if (place === "compare" && id) return { at: "compare", group: id };
	if (place === "gallery" || place === "settings") return { at: place };
	return { at: "new" };
}

export function hrefOf(route: Route): string {
	switch (route.at) {
		case "conversation":
			return `#/c/${encodeURIComponent(route.id)}`;
		case "compare":
			return `#/compare/${encodeURIComponent(route.group)}`;
		case "new":
			return "#/";
		default:
			return `#/${route.at}`;
	}
}

function safely(hash: string): Route {
	try {
		return parseRoute(hash);
	} catch {
		return { at: "new" }; // not an address of ours: "%" alone
	}
}

export const route = signal<Route>(safely(location.hash));

export function go(to: Route, replace = false) {
	const href = hrefOf(to);

	if (replace) history.replaceState(null, "", href);
	else if (location.hash !== href) history.pushState(null, "", href);
	route.value = to;
}

export function watchRoute() {
	const look = () => {
		route.value = safely(location.hash);
	};

	addEventListener("hashchange", look);
	addEventListener("popstate", look);
}
