/** A button that asks once more: the first click arms it, for a few seconds. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { Icon, type IconName } from "./icon";

const ARMED_MS = 4000;

/** armed; and what a click does. */
function useSure(run: () => void) {
	const armed = useSignal(false);

	useEffect(() => {
		if (!armed.value) return;
		const timer = setTimeout(() => (armed.value = false), ARMED_MS);

		return () => clearTimeout(timer);
	}, [armed.value]);
	return {
		armed: armed.value,
		onBlur: () => void (armed.value = false),
		onClick() {
			if (armed.peek()) run();
			armed.value = !armed.peek();
		},
	};
}

interface Props {
	/** What it does, and to what. */
	label: string;
	run(): void;
}

/** An icon, until it is armed. */
export function Sure({ label, icon, run }: Props & { icon: IconName }) {
	const { armed, ...on } = useSure(run);

	return (
		<button
			type="button"
			class={armed ? "plain danger slim" : "tool"}
			aria-label={armed ? `${t("sure")} ${label}` : label}
			title={label}
			{...on}
		>
			{armed ? t("sure") : <Icon name={icon} />}
		</button>
	);
}

/** With its words. */
export function SureButton({ label, run }: Props) {
	const { armed, ...on } = useSure(run);

	return (
		<button type="button" class={armed ? "plain danger slim" : "plain slim"} {...on}>
			{armed ? t("sure") : label}
		</button>
	);
}
