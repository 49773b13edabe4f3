/** The script begins here: what the manager offers, the panel, and the work. */

import { startApp } from "./app";
import { bareManager } from "./bare";
import { NoManager, openGm, type Gm, type Manager } from "./gm";
import { createPanel } from "./panel/panel";
import { SERVER, VERSION } from "./server";
import type { Actions } from "./view";

declare const unsafeWindow: Manager["page"] | undefined;
declare const GM_xmlhttpRequest: Manager["GM_xmlhttpRequest"];
declare const GM_getValue: Manager["GM_getValue"];
declare const GM_setValue: Manager["GM_setValue"];
declare const GM_deleteValue: Manager["GM_deleteValue"];
declare const GM_addValueChangeListener: Manager["GM_addValueChangeListener"];
declare const GM: Manager["GM"];

/** A name that a manager does not know is no variable at all. */
function manager(page: Manager["page"]): Manager {
	return {
		page,
		GM_xmlhttpRequest:
			typeof GM_xmlhttpRequest === "undefined" ? undefined : GM_xmlhttpRequest,
		GM_getValue: typeof GM_getValue === "undefined" ? undefined : GM_getValue,
		GM_setValue: typeof GM_setValue === "undefined" ? undefined : GM_setValue,
		GM_deleteValue: typeof GM_deleteValue === "undefined" ? undefined : GM_deleteValue,
		GM_addValueChangeListener:
			typeof GM_addValueChangeListener === "undefined"
				? undefined
				: GM_addValueChangeListener,
		GM: typeof GM === "undefined" ? undefined : GM,
	};
}

function open(page: Manager["page"]): Gm {
	try {
		return openGm(manager(page));
	} catch (e) {
		if (!(e instanceof NoManager)) throw e;
		return openGm(bareManager(page));
	}
}

const page = typeof unsafeWindow === "undefined" ? window : unsafeWindow;

if (page.top === page) {
	const gm = open(page);
	// the panel calls only what a human clicks on: there is an app by then
	const panel = createPanel({
		page,
		values: { get: gm.getValue, set: gm.setValue },
		actions: () => app,
		now: Date.now,
	});
	const app: Actions = startApp({ gm, server: SERVER, version: VERSION, show: panel.show });
}
