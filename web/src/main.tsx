/** The page at /video-chat. */

import { render } from "preact";

import { loadPrefs } from "./state/prefs";
import { watchRoute } from "./state/route";
import { resume } from "./state/studio";
import { App } from "./ui/app";

loadPrefs();
watchRoute();
resume();
render(<App />, document.getElementById("app")!);
