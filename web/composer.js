// The form that asks for a video.

import { ApiError, wordsOf } from "./api.js";
import { t } from "./texts.js";

const IMAGE_MAX = 10 * 1024 * 1024;
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const SIZES = ["720x1280", "1280x720", "1024x1024", "1080x1920", "1920x1080", "480x854", "854x480"];
const SECONDS = [2, 4, 5, 6, 8, 10, 12, 15, 20];
const IDEAS = ["idea1", "idea2", "idea3"];
const MEMORY = "arena-video.choice";

const $ = (id) => document.getElementById(id);

// create(wish): asks for the video; throws what went wrong.
export function makeComposer(create) {
	const [prompt, model, size, seconds] = ["prompt", "model", "size", "seconds"].map($);
	let models = [];
	let image = null;
	let imageUrl = "";
	let sending = false;
	let wrong = null; // a function that gives the words, in the present language
	const memory = JSON.parse(localStorage.getItem(MEMORY) ?? "{}");

	function say(words) {
		wrong = words;
		$("wrong").hidden = !words;
		$("wrong").textContent = words ? words() : "";
	}

	const chosen = () => models.find((m) => m.id === model.value);

	// Options are replaced only when they differ: an open list must not close under the hand.
	function fill(select, options, wished) {
		const now = [...select.options].map((o) => `${o.value}\n${o.text}`).join("\n\n");
		if (now !== options.map((o) => o.join("\n")).join("\n\n"))
			select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
		const want = options.some(([value]) => value === wished) ? wished : options[0]?.[0] ?? "";
		if (select.value !== want) select.value = want;
		select.hidden = options.length === 0;
	}

	function sizesOf(m) {
		if (m.sizes?.length) return m.sizes;
		return SIZES.filter((s) => {
			const [w, h] = s.split("x").map(Number);
			return Math.max(w, h) <= m.max_width && Math.min(w, h) <= m.max_height;
		});
	}

	function sizeText(s) {
		const [w, h] = s.split("x").map(Number);
		return `${t(w < h ? "portrait" : w > h ? "landscape" : "square")} ${w}×${h}`;
	}

	function secondsOf(m) {
		const fit = SECONDS.filter((s) => s >= m.min_seconds && s <= m.max_seconds);
		return fit.length ? fit : [m.min_seconds];
	}

	function drawChoices() {
		fill(model, models.length ? models.map((m) => [m.id, m.name || m.id]) : [["", t("no_model")]], model.value || memory.model);
		model.disabled = models.length === 0;
		const m = chosen();
		fill(size, m ? sizesOf(m).map((s) => [s, sizeText(s)]) : [], size.value || memory.size || "720x1280");
		fill(seconds, m ? secondsOf(m).map((s) => [String(s), t("second", { n: s })]) : [], seconds.value || memory.seconds || "4");
		$("about").textContent = m?.description ?? "";
		prompt.maxLength = m?.max_prompt || 32000;
	}

	function drawIdeas() {
		$("ideas").replaceChildren(...IDEAS.map((key) => {
			const b = document.createElement("button");
			b.type = "button";
			b.textContent = t(key);
			b.addEventListener("click", () => { setPrompt(t(key)); prompt.focus(); });
			return b;
		}));
	}

	function drawSend() {
		$("send").disabled = sending;
		$("send").classList.toggle("busy", sending);
		const left = prompt.maxLength - prompt.value.length;
		$("count").hidden = left > 500;
		$("count").textContent = left;
	}

	function fit() {
		prompt.style.height = "auto";
		prompt.style.height = `${Math.min(prompt.scrollHeight, innerHeight * 0.4)}px`;
		drawSend();
	}

	function setPrompt(text) {
		prompt.value = text;
		fit();
	}

	function setImage(file) {
		if (file && !IMAGE_TYPES.includes(file.type)) return say(() => t("no_image"));
		if (file && file.size > IMAGE_MAX)
			return say(() => t("too_large", { n: (file.size / 1048576).toFixed(1) }));
		if (imageUrl) URL.revokeObjectURL(imageUrl);
		image = file;
		imageUrl = file ? URL.createObjectURL(file) : "";
		$("shot").hidden = !file;
		if (file) {
			$("shot-image").src = imageUrl;
			$("shot-image").alt = file.name;
		} else {
			$("shot-image").removeAttribute("src");
		}
		$("file").value = "";
		say(null);
		prompt.focus();
	}

	async function send() {
		const wish = { prompt: prompt.value.trim(), model: model.value, size: size.value, seconds: seconds.value, image };
		const m = chosen();
		if (sending) return;
		if (!wish.prompt) return say(() => t("no_prompt"));
		if (image && m && !m.inputs.includes("image")) return say(() => t("text_only", { model: m.name || m.id }));
		sending = true;
		say(null);
		drawSend();
		try {
			await create(wish);
			localStorage.setItem(MEMORY, JSON.stringify({ model: wish.model, size: wish.size, seconds: wish.seconds }));
			if (prompt.value.trim() === wish.prompt) setPrompt("");
			if (image === wish.image && image) setImage(null);
		} catch (e) {
			if (!(e instanceof ApiError)) throw e;
			say(() => wordsOf(e));
		} finally {
			sending = false;
			drawSend();
		}
	}

	$("composer").addEventListener("submit", (e) => { e.preventDefault(); send(); });
	prompt.addEventListener("keydown", (e) => {
		if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
		e.preventDefault();
		send();
	});
	prompt.addEventListener("input", () => { say(null); fit(); });
	model.addEventListener("change", drawChoices);
	$("pick").addEventListener("click", () => $("file").click());
	$("file").addEventListener("change", () => $("file").files[0] && setImage($("file").files[0]));
	$("shot-image").addEventListener("error", () => { if (image) { setImage(null); say(() => t("no_image")); } });
	$("shot-away").addEventListener("click", () => setImage(null));

	drawChoices();
	drawIdeas();
	return {
		setImage,
		setModels(list) { models = list; drawChoices(); },
		again(video) {
			setPrompt(video.prompt ?? "");
			for (const [select, value] of [[model, video.model], [size, video.size], [seconds, video.seconds]]) {
				if ([...select.options].some((o) => o.value === value)) select.value = value;
				if (select === model) drawChoices();
			}
			say(null);
			$("composer").scrollIntoView({ block: "start" });
			prompt.focus({ preventScroll: true });
		},
		redraw() { drawChoices(); drawIdeas(); say(wrong); fit(); },
		focus: () => prompt.focus({ preventScroll: true }),
		clear() { setPrompt(""); setImage(null); say(null); },
	};
}
