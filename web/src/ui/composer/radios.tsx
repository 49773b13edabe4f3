/** One of a few: radio buttons that look like a row of keys. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export function Radios<T extends string | number>({ label, value, options, choose }: {
	label: string;
	value: T;
	options: readonly (readonly [T, ComponentChildren])[];
	choose(value: T): void;
}) {
	const name = useId();

	return (
		<fieldset class="setting radios">
			<legend class="label">{label}</legend>
			<div class="keys">
				{options.map(([each, text]) => (
					<label class="key" key={each}>
						<input
							type="radio"
							name={name}
							value={each}
							checked={each === value}
							onChange={() => choose(each)}
						/>
						<span>{text}</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}
