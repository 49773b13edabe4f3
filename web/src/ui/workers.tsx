/** Who makes the videos. */

import { t } from "../i18n/index";
import { useStudio } from "./studio";

export function WorkerStrip() {
	const { workers } = useStudio();

	return (
		<ul class="workers" aria-label={t("workers")}>
			{workers.connected.value.map((worker) => (
				<li key={worker.id} data-state={worker.state}>
					{worker.name} <span class="soft small">{t(`w_${worker.state}`)}</span>
				</li>
			))}
		</ul>
	);
}
