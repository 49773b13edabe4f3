/** Door or studio. */

import { studio } from "../state/studio";
import { later } from "./later";
import { Shell } from "./shell";
import { Toasts } from "./toasts";

const Door = later(async () => (await import("./door")).Door);

export function App() {
	const now = studio.value;

	return (
		<>
			{now ? <Shell studio={now} key={now.key} /> : <Door />}
			<Toasts />
		</>
	);
}
