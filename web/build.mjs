// Builds the page at /video-chat: node build.mjs [--watch] [SRC [OUT]]   (src and dist, beside this file)
//
// SRC/main.tsx and SRC/styles/main.css become files with the hash of their content in the name, which
// browsers keep for good; index.html, which they ask for each time, gets the links to them. sw.ts becomes
// sw.js and knows what was built: FILES (paths; what the page begins with comes first) and BUILD (a name
// for all of them together). Beside each text lie its .br and .gz, where they are smaller.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const PAGE = "/video-chat";
const FIRST_LOAD_MAX = 60_000; // bytes by brotli: the entry, what it imports at once, and the style
const TEXTS = new Set([".html", ".js", ".css", ".svg", ".webmanifest", ".json"]);
const COPIED = new Set([".svg", ".png", ".webmanifest"]);

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2).filter((arg) => arg !== "--watch");
const src = resolve(args[0] ?? join(here, "src"));
const out = resolve(args[1] ?? join(here, "dist"));

const options = {
	absWorkingDir: src, // names in the output shall be the same wherever it is run
	bundle: true,
	minify: true,
	write: false,
	metafile: true,
	outdir: out,
	target: "es2022",
	charset: "utf8",
	legalComments: "none",
	jsx: "automatic",
	jsxImportSource: "preact",
	logLevel: "warning",
};

const brotli = (bytes) =>
	brotliCompressSync(bytes, {
		params: {
			[constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
			[constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
			[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
		},
	});

// What esbuild made, by name.
function files(result) {
	return new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
}

// Of the whole project: what settings show.
function projectVersion() {
	const text = readFileSync(join(here, "../CMakeLists.txt"), "utf8");
	return /^project\(.* VERSION ([\d.]+)/m.exec(text)[1];
}

// A language's words as the table that its module makes, without the module and what that takes it from.
const words = {
	name: "words",
	setup({ onLoad }) {
		onLoad({ filter: /i18n\/(en|es)\.ts$/ }, async ({ path }) => {
			const result = await build({ ...options, entryPoints: [path], format: "esm", metafile: false });
			const code = Buffer.from(result.outputFiles[0].contents).toString("base64");
			const { default: table } = await import(`data:text/javascript;base64,${code}`);
			return { contents: JSON.stringify(table), loader: "json" };
		});
	},
};

// The modules of the page and its style.
async function app() {
	const result = await build({
		...options,
		entryPoints: { app: "main.tsx", style: "styles/main.css" },
		format: "esm",
		plugins: [words],
		splitting: true,
		define: { VERSION: JSON.stringify(projectVersion()) },
		entryNames: "[name]-[hash]",
		chunkNames: "[name]-[hash]",
		assetNames: "[name]-[hash]",
		publicPath: PAGE,
		loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
	});
	const built = Object.entries(result.metafile.outputs);
	const made = (source) => basename(built.find(([, output]) => output.entryPoint === source)[0]);
	const imports = new Map(
		built.map(([path, output]) => [
			basename(path),
			output.imports
				.filter(({ kind, external }) => kind === "import-statement" && !external)
				.map(({ path: other }) => basename(other)),
		]),
	);
	const entry = made("main.tsx");
	const atOnce = new Set([entry]);
	for (const name of atOnce) for (const other of imports.get(name)) atOnce.add(other);
	atOnce.delete(entry);
	return { files: files(result), entry, style: made("styles/main.css"), atOnce: [...atOnce] };
}

// The page, with links to what it begins with.
function html({ entry, style, atOnce }) {
	const text = readFileSync(join(src, "index.html"), "utf8");
	const end = text.indexOf("</head>");
	if (end < 0) throw new Error("index.html has no </head>");
	const links = [
		`<link rel="stylesheet" href="${PAGE}/${style}">`,
		...atOnce.map((name) => `<link rel="modulepreload" href="${PAGE}/${name}">`),
		`<script type="module" src="${PAGE}/${entry}"></script>`,
	];
	return `${text.slice(0, end)}${links.join("\n")}\n${text.slice(end)}`;
}

async function serviceWorker(paths, version) {
	const result = await build({
		...options,
		entryPoints: { sw: "sw.ts" },
		format: "iife",
		define: { FILES: JSON.stringify(paths), BUILD: JSON.stringify(version) },
	});
	return files(result).get("sw.js");
}

// In place, since a gateway may serve from the folder (web-dir); the page last, as all else is there then.
function write(all) {
	const twins = new Map();
	for (const [name, bytes] of all) {
		if (!TEXTS.has(extname(name))) continue;
		const coded = { br: brotli(bytes), gz: gzipSync(bytes, { level: 9 }) };
		for (const [suffix, twin] of Object.entries(coded))
			if (twin.length < bytes.length) twins.set(`${name}.${suffix}`, twin);
	}
	mkdirSync(out, { recursive: true });
	for (const [name, bytes] of [...twins, ...all]) writeFileSync(join(out, name), bytes);
	for (const name of readdirSync(out))
		if (!all.has(name) && !twins.has(name)) rmSync(join(out, name));
	return twins;
}

async function make() {
	const begun = Date.now();
	const page = await app();
	const all = new Map(page.files);
	for (const name of readdirSync(src))
		if (COPIED.has(extname(name))) all.set(name, readFileSync(join(src, name)));
	const index = Buffer.from(html(page));
	const first = [page.entry, ...page.atOnce, page.style];
	const rest = [...all.keys()].filter((name) => !first.includes(name)).sort();
	const version = createHash("sha256");
	for (const name of [...first, ...rest]) version.update(name).update(all.get(name));
	version.update(index);
	const paths = [...first, ...rest].map((name) => `${PAGE}/${name}`);
	all.set("sw.js", await serviceWorker(paths, version.digest("hex").slice(0, 12)));
	all.set("index.html", index);

	const size = first.reduce((sum, name) => sum + brotli(all.get(name)).length, 0);
	if (size > FIRST_LOAD_MAX)
		throw new Error(`the first load is ${size} bytes by brotli, over ${FIRST_LOAD_MAX}`);
	write(all);
	const where = relative(process.cwd(), out);
	const ms = Date.now() - begun;
	console.log(`${where}: ${all.size} files, first load ${size} bytes by brotli, ${ms} ms`);
}

// Again whenever a source changes; a mistake is said, and then it goes on.
function keepMaking() {
	const folders = readdirSync(src, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name));
	let soon;
	let making = Promise.resolve();
	const again = () => {
		clearTimeout(soon);
		soon = setTimeout(() => {
			making = making.then(make).catch((error) => console.error(error.message));
		}, 50);
	};
	for (const folder of [src, ...folders]) watch(folder, again);
	again();
}

if (process.argv.includes("--watch")) {
	keepMaking();
} else {
	await make().catch((error) => {
		console.error(`web: ${error.message}`);
		process.exitCode = 1;
	});
}
