/** One request and its videos. */

import { t } from "../i18n/index";
import type { Turn } from "../state/notes";
import { lasting } from "../state/retry";
import { hrefOf } from "../state/route";
import { Card } from "./card";
import { Icon } from "./icon";
import { Prompt } from "./prompt";
import { Reel } from "./reel";

export function TurnView({ turn }: { turn: Turn }) {
	const ids = lasting(turn.videos).map((video) => video.id);

	return (
		<section class="turn" data-kind={turn.kind} data-id={turn.id}>
			<Prompt turn={turn} />
			{ids.length > 1 ? (
				<Reel ids={ids} named={turn.kind === "compare"} />
			) : (
				<div class="results">
					{ids.map((id) => (
						<Card id={id} key={id} />
					))}
				</div>
			)}
			{turn.kind !== "single" && ids.length > 1 && (
				<p class="across">
					<a class="link" href={hrefOf({ at: "compare", group: turn.id })}>
						<Icon name="columns" /> {t("compare")}
					</a>
				</p>
			)}
		</section>
	);
}
