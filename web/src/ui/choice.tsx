/** One of a few, as buttons in a row. */

import type { ComponentChildren } from "preact";

export function Choice<T extends string>({ label, value, options, choose }: {
	label: string;
	value: T;
	options: readonly (readonly [T, ComponentChildren])[];
	choose(value: T): void;
}) {
	return (
		<div class="choice" role="group" aria-label={label}>
			{options.map(([each, text]) => (
				<button type="button" key={each} aria-pressed={each === value} onClick={() => choose(each)}>
					{text}
				</button>
			))}
		</div>
	);
}
