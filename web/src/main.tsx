/** The page at /video-chat. */

import { render } from "preact";

import { loadPrefs } from "./state/prefs";
import { watchRoute } from "./state/route";
import { resume } from "./state/studio";
import { App } from "./ui/app";

await loadPrefs();
watchRoute();
resume();
render(<App />, document.getElementById("app")!);

// so that it opens while the gateway is away; a browser that has none, or no https, does without
navigator.serviceWorker
	?.register("/video-chat/sw.js", { scope: "/video-chat" })
	.catch(() => undefined);
