/** A modal dialog: the browser's own, so focus stays inside, Escape closes, and focus goes back. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { Toasts } from "./toasts";
import { Tool } from "./tool";

interface Props {
	title: string;
	/** Its owner takes it away then. */
	onClose(): void;
	children: ComponentChildren;
	/** wide, or a class of the owner's. */
	class?: string;
	/** The title is said, and not shown. */
	bare?: boolean;
	/** There is nothing in it to go to: keys scroll it. */
	text?: boolean;
}

export function Dialog({ title, onClose, children, class: more = "", bare = false, text }: Props) {
	const ref = useRef<HTMLDialogElement>(null);
	const name = useId();

	useLayoutEffect(() => {
		const dialog = ref.current!;

		dialog.showModal();
		return () => dialog.close(); // gives the focus back
	}, []);

	return (
		<dialog
			ref={ref}
			class={`dialog ${more}`}
			aria-labelledby={name}
			onCancel={(e) => {
				if (e.target !== e.currentTarget) return; // of something inside
				e.preventDefault();
				onClose();
			}}
			onClick={(e) => e.target === e.currentTarget && onClose()}
		>
			<header class={bare ? "visually-hidden" : "dialog-head"}>
				<h2 id={name}>{title}</h2>
				{!bare && (
					<Tool icon="close" label={t("close")} onClick={onClose} />
				)}
			</header>
			<div class="dialog-body" tabIndex={text ? 0 : undefined}>
				{children}
			</div>
			<Toasts />
		</dialog>
	);
}
