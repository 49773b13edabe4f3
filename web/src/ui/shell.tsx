/** The frame around everything that needs a key: sidebar, bar, and what the address says. */

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { followNotify, unseen } from "../state/notify";
import { go, hrefOf, route, type Route } from "../state/route";
import { keysOpen, listenForShortcuts, onShortcut } from "../state/shortcuts";
import type { Studio } from "../state/studio";
import { followTitle } from "../state/title";
import { Code } from "./code";
import { Composer } from "./composer";
import { Dropzone } from "./composer/drop";
import { Conversation } from "./conversation";
import { FirstSteps, Pairing } from "./first-steps";
import { Icon } from "./icon";
import { later } from "./later";
import { Notices } from "./notices";
import { Sidebar } from "./sidebar";
import { StudioContext } from "./studio";
import { Tool } from "./tool";

const Gallery = later(async () => (await import("./gallery")).Gallery);
const Compare = later(async () => (await import("./compare")).Compare);
const Keys = later(async () => (await import("./keys")).Keys, true);
const Settings = later(async () => (await import("./settings")).Settings);

function Main({ at }: { at: Route }) {
	switch (at.at) {
		case "gallery":
			return <Gallery />;
		case "settings":
			return <Settings />;
		case "compare":
			return <Compare group={at.group} />;
		default: {
			const id = at.at === "conversation" ? at.id : null;

			return (
				<>
					{id === null && <FirstSteps />}
					<Conversation id={id} key={id} />
					<Composer conversation={id} />
				</>
			);
		}
	}
}

/** On phones: the way to the sidebar. */
function Bar({ studio, drawer }: { studio: Studio; drawer: Signal<boolean> }) {
	const { wanting } = studio.workers;

	return (
		<header class="topbar" inert={drawer}>
			<button
				type="button"
				class="tool"
				id="menu"
				aria-label={t("menu_open")}
				title={t("menu_open")}
				aria-expanded={drawer}
				aria-controls="side"
				onClick={() => (drawer.value = true)}
			>
				<Icon name="menu" />
				{wanting.value.length > 0 && <span class="dot" />}
			</button>
			<strong>Arena video</strong>
			<a
				class="tool"
				href={hrefOf({ at: "new" })}
				aria-label={t("new_conversation")}
				title={t("new_conversation")}
			>
				<Icon name="plus" />
			</a>
		</header>
	);
}

const WIDE = "(min-width: 821px)";
const SEARCH = "[type=search]";

/** The sidebar; on phones a drawer that takes the focus and gives it back. */
function Side({ drawer }: { drawer: Signal<boolean> }) {
	const ref = useRef<HTMLDivElement>(null);
	const toSearch = useRef(false);
	const open = drawer.value;
	const focus = (what: string) => ref.current?.querySelector<HTMLElement>(what)?.focus();

	useEffect(
		() =>
			onShortcut("search", () => {
				toSearch.current = !matchMedia(WIDE).matches;
				if (toSearch.current) drawer.value = true;
				else focus(SEARCH);
			}),
		[],
	);
	useEffect(() => {
		if (!open) return;
		const wide = matchMedia(WIDE);
		const close = () => (drawer.value = false);
		const away = onShortcut("escape", close);

		focus(toSearch.current ? SEARCH : ":scope > .tool");
		toSearch.current = false;
		wide.addEventListener("change", close);
		return () => {
			away();
			wide.removeEventListener("change", close);
			document.getElementById("menu")?.focus();
		};
	}, [open]);

	return (
		<div
			class="rail"
			id="side"
			ref={ref}
			onClick={(e) => {
				if ((e.target as Element).closest("a")) drawer.value = false;
			}}
		>
			<Sidebar />
			<Tool icon="close" label={t("menu_close")} onClick={() => (drawer.value = false)} />
		</div>
	);
}

/** What goes on for as long as the studio is open. */
function useStanding(studio: Studio) {
	useEffect(() => {
		listenForShortcuts(studio.signal);
		followTitle(studio, unseen);
		followNotify(studio);
		const away = [
			onShortcut("new", () => go({ at: "new" })),
			onShortcut("gallery", () => go({ at: "gallery" })),
			onShortcut("settings", () => go({ at: "settings" })),
			onShortcut("help", () => (keysOpen.value = true)),
		];

		return () => away.forEach((fn) => fn());
	}, [studio]);
}

export function Shell({ studio }: { studio: Studio }) {
	const drawer = useSignal(false);
	const stage = useRef<HTMLElement>(null);

	useStanding(studio);
	return (
		<StudioContext.Provider value={studio}>
			<a
				class="skip"
				href="#stage"
				onClick={(e) => {
					e.preventDefault(); // addresses after # are places of the page
					stage.current?.focus();
				}}
			>
				{t("skip")}
			</a>
			<div class="shell" data-drawer={drawer.value ? "open" : "shut"}>
				<Bar studio={studio} drawer={drawer} />
				<Side drawer={drawer} />
				{drawer.value && (
					<button
						type="button"
						class="scrim"
						tabIndex={-1}
						aria-hidden
						onClick={() => (drawer.value = false)}
					/>
				)}
				<main
					class="stage"
					id="stage"
					ref={stage}
					tabIndex={-1}
					data-at={route.value.at}
					inert={drawer}
				>
					<Notices />
					<Main at={route.value} />
				</main>
				<Dropzone />
			</div>
			{keysOpen.value && <Keys />}
			<Pairing />
			<Code />
		</StudioContext.Provider>
	);
}
