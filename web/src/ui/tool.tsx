/** A button that is an icon; its label says what it does. */

import type { ButtonHTMLAttributes } from "preact";

import { Icon, type IconName } from "./icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
	icon: IconName;
	label: string;
	/** Beside its own. */
	class?: string;
}

export const Tool = ({ icon, label, class: more = "", ...rest }: Props) => (
	<button type="button" class={`tool ${more}`} aria-label={label} title={label} {...rest}>
		<Icon name={icon} />
	</button>
);
