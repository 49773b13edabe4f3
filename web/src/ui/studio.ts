/** The studio, for every component below the shell. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Studio } from "../state/studio";

export const StudioContext = createContext<Studio | null>(null);

export function useStudio(): Studio {
	const studio = useContext(StudioContext);

	if (!studio) throw new Error("outside of the studio");
	return studio;
}
