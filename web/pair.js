// The dialog that shows a code with which a browser becomes a worker.

import { wordsOf } from "./api.js";
import { t } from "./texts.js";
import { clock } from "./workers.js";

// newCode(): a promise of {code, expires_at}
export function makePairing(newCode) {
	const $ = (id) => document.getElementById(id);
	const dialog = $("pair");
	let code = null; // {code, expires_at}, or null
	let trouble = null;
	let before = new Set(); // keys of workers that were connected when it was opened
	let come = "";

	function draw() {
		$("pair-code").textContent = code?.code ?? "····-····";
		$("pair-until").textContent = trouble ? wordsOf(trouble) : come ? t("pair_come", { name: come })
			: code ? t("pair_until", { time: clock(code.expires_at) }) : "";
		$("pair-until").dataset.state = trouble ? "bad" : come ? "good" : "";
	}

	async function another() {
		$("pair-again").disabled = true;
		code = trouble = null;
		come = "";
		draw();
		try {
			code = await newCode();
		} catch (e) {
			trouble = e;
		} finally {
			$("pair-again").disabled = false;
			draw();
		}
	}

	const here = (workers) => workers.filter((worker) => worker.connected);

	$("pair-again").addEventListener("click", another);
	$("pair-close").addEventListener("click", () => dialog.close());
	return {
		draw,
		open(workers) {
			before = new Set(here(workers).map((worker) => worker.key_id));
			dialog.showModal();
			return another();
		},
		close: () => dialog.close(),
		// Says so when the one that was waited for has come.
		workers(list) {
			const fresh = dialog.open && here(list).find((worker) => !before.has(worker.key_id));
			if (!fresh) return;
			come = fresh.name;
			draw();
		},
	};
}
