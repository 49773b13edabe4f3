/**
 * The videos of a run to the bridge: as links where the bridge can fetch them, else their bytes. A
 * result is said again until the bridge has answered it.
 */

import { SiteError } from "../site/index";
import type { JobRecord, RunOutput } from "../store";
import { UploadRefused, type Connection, type Output, type ResultFrame } from "../types";
import { growing, isAbort, type Sleep } from "../wait";
import type { Records } from "./records";

export interface HandDeps {
	connection: Connection;
	records: Records;
	/** Of `welcome`: hosts that the bridge fetches from; null: it did not say. */
	hosts: () => string[] | null;
	download: (url: string, signal: AbortSignal) => Promise<Blob>;
	sleep: Sleep;
	random: () => number;
}

/** The bridge's answer to a result, told by the engine. */
export interface Answer {
	done?: string;
	refused?: string;
	message?: string;
}

const TRIES = 4;

export function hostOf(url: string): string {
	try {
		return new URL(url).hostname;
	} catch {
		return "";
	}
}

const matches = (host: string, rule: string) =>
	rule.startsWith("*.") ? host.endsWith(rule.slice(1)) : host === rule;

export function createHand(deps: HandDeps) {
	const { connection, records, hosts, download, sleep, random } = deps;

	function linkable(output: RunOutput): boolean {
		const host = hostOf(output.url);
		const told = hosts();

		return told ? told.some((rule) => matches(host, rule)) : !records.isClosed(host);
	}

	/** Of passing failures several tries are made; a link that is over is no passing one. */
	async function bytesOf(output: RunOutput, signal: AbortSignal): Promise<Blob> {
		for (let n = 0; ; n++) {
			try {
				return await download(output.url, signal);
			} catch (e) {
				if (isAbort(e)) throw e;
				if (n + 1 >= TRIES)
					throw new SiteError(
						"network",
						"The finished video could not be downloaded.",
					);
			}
			await sleep(growing(n, 1000, 3, 30_000, random), signal);
		}
	}

	async function upload(
		record: JobRecord,
		output: RunOutput,
		signal: AbortSignal,
	): Promise<string> {
		const { job, lease } = record.frame;
		const bytes = await bytesOf(output, signal);

		for (let n = 0; ; n++) {
			const upload = `${output.label}${n || ""}`;

			try {
				await connection.upload({ job, lease, upload }, bytes, signal);
				return upload;
			} catch (e) {
				if (!(e instanceof UploadRefused)) throw e;
				if (e.code === "too_large" || e.code === "lost" || n + 1 >= TRIES)
					throw new SiteError(
						"platform",
						`The video was not taken: ${e.message || e.code}`,
					);
			}
			await sleep(growing(n, 1000, 3, 30_000, random), signal);
		}
	}

	const words = (o: RunOutput): Omit<Output, "url" | "upload"> => ({
		label: o.label,
		...(o.name ? { name: o.name } : {}),
	});

	/** What is to be said of a run that is done. */
	return async function result(record: JobRecord, signal: AbortSignal): Promise<ResultFrame> {
		const { job, lease } = record.frame;
		const outputs: Output[] = [];

		for (const output of record.outputs)
			if (linkable(output)) outputs.push({ url: output.url, ...words(output) });
			else
				outputs.push({
					upload: await upload(record, output, signal),
					...words(output),
				});
		return { type: "result", job, lease, outputs };
	};
}
