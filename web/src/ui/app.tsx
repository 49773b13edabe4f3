/** Door or studio. */

import { studio } from "../state/studio";
import { Door } from "./door";
import { Shell } from "./shell";
import { Toasts } from "./toasts";

export function App() {
	const now = studio.value;

	return (
		<>
			{now ? <Shell studio={now} key={now.key} /> : <Door />}
			<Toasts />
		</>
	);
}
