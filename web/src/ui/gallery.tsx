/** All videos. */

import { t } from "../i18n/index";
import { Card } from "./card";
import { useStudio } from "./studio";

export function Gallery() {
	const { videos } = useStudio();

	return (
		<section class="gallery" aria-label={t("gallery")}>
			{videos.ids.value.map((id) => (
				<Card id={id} key={id} />
			))}
			{videos.more.value && (
				<button type="button" onClick={() => void videos.older()}>
					{t("more")}
				</button>
			)}
		</section>
	);
}
