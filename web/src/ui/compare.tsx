/** The videos of one request side by side. */

import { notesOf } from "../state/notes";
import { Card } from "./card";
import { useStudio } from "./studio";

export function Compare({ group }: { group: string }) {
	const { videos } = useStudio();
	const ids = videos.ids.value.filter((id) => {
		const video = videos.of(id).value;

		return video !== null && notesOf(video).group === group;
	});

	return (
		<section class="compare">
			{ids.map((id) => (
				<Card id={id} key={id} />
			))}
		</section>
	);
}
