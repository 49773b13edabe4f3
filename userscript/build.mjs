// Bundles src/main.ts into the one readable file that the gateway serves: node build.mjs [OUT]
//
// @@SERVER@@ (its address, as the request named it), @@HOST@@ (the host alone) and @@VERSION@@ are
// filled in by the gateway when it serves the file.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist", "LMArenaVideoInjector.user.js");
const where = JSON.parse(readFileSync(join(here, "src", "site", "where.json"), "utf8"));

const FILE = "@@SERVER@@/LMArenaVideoInjector.user.js";

// Both families of names: a manager has one or the other, or both.
const grants = [
	"unsafeWindow",
	"GM_xmlhttpRequest",
	"GM_getValue",
	"GM_setValue",
	"GM_deleteValue",
	"GM_addValueChangeListener",
	"GM.xmlHttpRequest",
	"GM.getValue",
	"GM.setValue",
	"GM.deleteValue",
	"GM.addValueChangeListener",
];

const lines = [
	["name", "arena-video worker"],
	["name:es", "Trabajador de arena-video"],
	["namespace", "arena-video"],
	["version", "@@VERSION@@"],
	[
		"description",
		"This tab makes the videos that your own arena-video server asks for, in your own session.",
	],
	[
		"description:es",
		"Esta pestaña hace los vídeos que pide tu propio servidor arena-video, en tu propia sesión.",
	],
	...where.matches.map((match) => ["match", match]),
	["run-at", "document-start"],
	["inject-into", "page"],
	["sandbox", "raw"],
	["noframes", ""],
	...grants.map((grant) => ["grant", grant]),
	...["@@HOST@@", ...where.files].map((host) => ["connect", host]),
	["updateURL", FILE],
	["downloadURL", FILE],
];

const banner = [
	"// ==UserScript==",
	...lines.map(([key, value]) => `// @${key.padEnd(14)} ${value}`.trimEnd()),
	"// ==/UserScript==",
	"",
].join("\n");

await build({
	absWorkingDir: here, // its folder is in comments of the output, which shall be the same wherever it is run
	entryPoints: [join(here, "src", "main.ts")],
	outfile: out,
	bundle: true,
	format: "iife",
	target: "es2022",
	charset: "utf8",
	legalComments: "none",
	loader: { ".css": "text" },
	banner: { js: banner },
	logLevel: "warning",
});
