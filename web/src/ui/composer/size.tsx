/** Shape and size. */

import { useSignal } from "@preact/signals";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { pixels } from "../../i18n/times";
import { choices, choose } from "../../state/choices";
import { fitSize, makesSize, shapeOf, SIDE_LEAST, sizeOf } from "../../state/fitting";
import type { Range, Shape } from "../../state/fitting";
import { Radios } from "./radios";

const shapes: readonly Shape[] = ["landscape", "portrait", "square"];

/** Of any even size: what is typed counts once it is one. */
function Free({ size, model, limit }: {
	size: string;
	model: Model;
	limit: NonNullable<Range["free"]>;
}) {
	const { w, h } = sizeOf(size);
	const typed = useSignal<readonly [number, number] | null>(null);
	const [width, height] = typed.value ?? [w, h];
	const good = makesSize(model, `${width}x${height}`);

	function change(next: readonly [number, number]) {
		typed.value = next;
		if (!makesSize(model, next.join("x"))) return;
		choose({ size: next.join("x") });
		typed.value = null;
	}

	const side = (value: number, label: string, set: (n: number) => void) => (
		<input
			type="number"
			class="field slim"
			aria-label={label}
			aria-invalid={!good}
			step={2}
			min={SIDE_LEAST}
			max={limit.longer}
			value={Number.isNaN(value) ? "" : value}
			onInput={(e) => set(e.currentTarget.valueAsNumber)}
		/>
	);

	return (
		<div class="setting free" role="group" aria-label={t("size_exact")}>
			<span class="label">{t("size_exact")}</span>
			<div class="sides">
				{side(width, t("width"), (n) => change([n, height]))}
				<span aria-hidden="true">×</span>
				{side(height, t("height"), (n) => change([width, n]))}
			</div>
			{!good && (
				<p class="fault small" role="alert">
					{t("size_rule", { least: SIDE_LEAST, ...limit })}
				</p>
			)}
		</div>
	);
}

export function SizeField({ range, model }: { range: Range; model: Model }) {
	const size = fitSize(model, choices.value.size);
	const shape = shapeOf(sizeOf(size));
	const of = (wanted: Shape) => range.sizes.filter((each) => shapeOf(sizeOf(each)) === wanted);
	const sizes = of(shape);

	return (
		<>
			<div class="setting wide sizes">
				<Radios
					label={t("shape")}
					value={shape}
					options={shapes
						.filter((each) => of(each).length > 0 || each === shape)
						.map((each) => [
							each,
							<span class="shape" data-shape={each} key={each}>
								{t(each)}
							</span>,
						])}
					choose={(next) => choose({ size: of(next)[0] ?? size })}
				/>
				<Radios
					label={t("size")}
					value={size}
					options={sizes.map((each) => [each, pixels(each)])}
					choose={(next) => choose({ size: next })}
				/>
			</div>
			{range.free && <Free size={size} model={model} limit={range.free} />}
		</>
	);
}
