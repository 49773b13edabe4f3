/**
 * The sheet of small frames of a video (services/bridge/media): up to 25 tiles, five in a row, each 160
 * pixels wide and as high as the video's shape asks for; they are spread evenly over its length.
 */

export interface Sheet {
	columns: number;
	rows: number;
	tiles: number;
}

const TILE_WIDTH = 160;
const TILE_HEIGHT_MAX = 1280;
const TILES_MAX = 25;

/** Of a sheet of so many pixels; frames: of the video; null: nobody knows. */
export function sheetOf(
	sheet: { width: number; height: number },
	video: { width: number; height: number; frames: number | null },
): Sheet {
	const high = Math.floor((TILE_WIDTH * video.height) / video.width);
	const tile = Math.min(TILE_HEIGHT_MAX, Math.max(2, high));
	const columns = Math.max(1, Math.round(sheet.width / TILE_WIDTH));
	const rows = Math.max(1, Math.round(sheet.height / tile));
	const most = Math.min(TILES_MAX, columns * rows, video.frames ?? Infinity);

	// rows that are there have at least one tile
	return { columns, rows, tiles: Math.max(most, columns * (rows - 1) + 1) };
}

export interface Place {
	backgroundSize: string;
	backgroundPosition: string;
}

const share = (at: number, of: number) => (of > 1 ? (100 * at) / (of - 1) : 0);

/** Where the tile for a part (0 to 1) of the video lies, as a background that fills its box. */
export function placeOf({ columns, rows, tiles }: Sheet, part: number): Place {
	const index = Math.min(tiles - 1, Math.max(0, Math.floor(part * tiles)));
	const x = share(index % columns, columns);
	const y = share(Math.floor(index / columns), rows);

	return {
		backgroundSize: `${columns * 100}% ${rows * 100}%`,
		backgroundPosition: `${x}% ${y}%`,
	};
}
