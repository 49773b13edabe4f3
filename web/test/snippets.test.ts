import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { fieldsOf, literal, masked, shellWord, snippet } from "../src/api/snippets";
import type { Video } from "../src/api/types";

const prompts = [
	"a red fox",
	`it's "quoted" and 'quoted', \`ticked\` and $HOME $(id) !! %s \\n`,
	"two\nlines\r\n\tand a tab",
	"back\\slash at the end \\",
	"'''",
	"emoji 🦊👩‍🚀, Ελληνικά, 狐",
	"turned \u202eright to left\u202c, \u2067isolated\u2069, zero\u200bwidth",
	"separators \u2028 and \u2029, control \u0001 \u007f",
	"<img src=x onerror=alert(1)>",
	"",
];

const video = (more: Partial<Video>) =>
	({
		model: "sandbox", prompt: "a fox", size: "1280x720", seconds: "4", seed: null,
		negative_prompt: null, remixed_from_video_id: null, metadata: {}, ...more,
	}) as Video;

/** What a shell, and this JavaScript, make of it. */
const shell = (text: string) => spawnSync("sh", ["-c", text], { encoding: "utf8" }).stdout;
const run = (text: string) => new Function(text)() as unknown;

test("a shell reads back any prompt that curl sends", () => {
	for (const prompt of prompts) {
		assert.equal(shell(`printf %s ${shellWord(prompt)}`), prompt);
		const text = snippet("curl", "http://127.0.0.1:3102", video({ prompt }));
		const sent = shell(`curl() { for last; do :; done; printf %s "$last"; }\n${text}`);

		assert.deepEqual(JSON.parse(sent), fieldsOf(video({ prompt })), prompt);
	}
});

test("Python and JavaScript read back any prompt", (t) => {
	const python = spawnSync("python3", ["--version"]).status === 0;

	for (const prompt of prompts) {
		assert.equal(run(`return ${literal(prompt)}`), prompt);
		if (!python) continue;
		const said = spawnSync("python3", ["-c", `import sys; sys.stdout.buffer.write(${literal(prompt)}.encode())`]);

		assert.equal(said.stdout.toString(), prompt);
	}
	if (!python) t.diagnostic("no python3 here");
});

test("nothing in the code turns the text around or hides", () => {
	for (const prompt of prompts)
		for (const kind of ["curl", "python", "javascript"] as const)
			assert.doesNotMatch(
				snippet(kind, "http://127.0.0.1:3102", video({ prompt })),
				/[\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\u0001\u007f]/,
			);
});

test("only what was asked for is in it, images by their files", () => {
	assert.deepEqual(Object.keys(fieldsOf(video({}))), ["model", "prompt", "size", "seconds"]);
	const full = video({ seed: 0, negative_prompt: "rain", metadata: { first: "file_1", last: "file_2" } });

	assert.deepEqual(fieldsOf(full), {
		model: "sandbox", prompt: "a fox", size: "1280x720", seconds: "4", seed: 0, negative_prompt: "rain",
		input_reference: { file_id: "file_1" }, last_frame: { file_id: "file_2" },
	});
	assert.match(
		snippet("python", "http://h", full),
		/extra_body=\{"seed":0,"negative_prompt":"rain","input_reference":\{"file_id":"file_1"\},"last_frame":\{"file_id":"file_2"\}\}/,
	);
});

test("the JavaScript is a module that parses, and the Python compiles", (t) => {
	const full = video({ prompt: prompts.join(" "), seed: 7 });
	const js = spawnSync(process.execPath, ["--input-type=module", "--check", "-"], {
		input: snippet("javascript", "http://h", full),
	});

	assert.equal(js.status, 0, js.stderr.toString());
	if (spawnSync("python3", ["--version"]).status !== 0) return t.diagnostic("no python3 here");
	const py = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
		input: snippet("python", "http://h", full),
	});

	assert.equal(py.status, 0, py.stderr.toString());
});

test("a remix is asked for as one, and is as valid", (t) => {
	const parent = "video_0a'b";
	const remix = video({ prompt: "the same at night", remixed_from_video_id: parent });
	const sent = shell(`curl() { printf %s "$1"; }\n${snippet("curl", "http://h", remix)}`);

	assert.equal(sent, `http://h/v1/videos/${encodeURIComponent(parent)}/remix`);
	assert.match(snippet("javascript", "http://h", remix), /client\.videos\.remix\("video_0a'b", \{\n {2}model: "sandbox",/);
	const python = snippet("python", "http://h", remix);

	assert.match(python, /client\.videos\.remix\(\n {4}"video_0a'b",\n {4}prompt="the same at night",\n {4}extra_body=\{/);
	if (spawnSync("python3", ["--version"]).status !== 0) return t.diagnostic("no python3 here");
	assert.equal(spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: python }).status, 0);
});

test("a key is masked", () => {
	const key = `av_${"x".repeat(39)}wxyz`;

	assert.equal(masked(key), "av_…wxyz");
});
