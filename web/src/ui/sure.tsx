/** A button that asks once more: the first click arms it, for a few seconds. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { Icon, type IconName } from "./icon";

const ARMED_MS = 4000;

interface Props {
	/** What it does, and to what: said to screen readers. */
	label: string;
	icon: IconName;
	run(): void;
}

export function Sure({ label, icon, run }: Props) {
	const armed = useSignal(false);

	useEffect(() => {
		if (!armed.value) return;
		const timer = setTimeout(() => (armed.value = false), ARMED_MS);

		return () => clearTimeout(timer);
	}, [armed.value]);

	function click() {
		if (armed.peek()) run();
		armed.value = !armed.peek();
	}

	const says = armed.value ? t("sure") : label;

	return (
		<button
			type="button"
			class={armed.value ? "plain danger slim" : "tool"}
			aria-label={armed.value ? `${says} ${label}` : says}
			title={says}
			onClick={click}
			onBlur={() => (armed.value = false)}
		>
			{armed.value ? says : <Icon name={icon} />}
		</button>
	);
}
