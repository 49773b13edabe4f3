/** All words, area by area. */

import { composer } from "./composer";
import { errors } from "./errors";
import type { Language, Words } from "./index";
import { library } from "./library";
import { shell } from "./shell";
import { video } from "./video";
import { workers } from "./workers";

export const areas: readonly Words[] = [shell, composer, video, library, workers, errors];

export const tableOf = (language: Language): Record<string, string> =>
	Object.assign({}, ...areas.map((area) => area[language])) as Record<string, string>;
