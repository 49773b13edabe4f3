// Bundles each test/*.test.ts and runs them: node test.mjs [NAME...]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const names = readdirSync(join(here, "test"))
	.filter((file) => file.endsWith(".test.ts"))
	.filter((file) => !wanted.length || wanted.some((word) => file.startsWith(word)));
const out = mkdtempSync(join(tmpdir(), "web-test-"));
let status = 1;

try {
	await build({
		entryPoints: names.map((name) => join(here, "test", name)),
		outdir: out,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		format: "esm",
		platform: "node",
		target: "node18",
		sourcemap: "inline",
		logLevel: "warning",
	});
	const files = names.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
	status =
		spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
			cwd: here,
			stdio: "inherit",
		}).status ?? 1;
} finally {
	rmSync(out, { recursive: true, force: true });
}
process.exit(status);
