/*
 * The videos that the stand-in makes: two small clips from ffmpeg, made once per process, and a
 * note at the end of each copy, so that every run's files are others.
 */
import fs from 'node:fs';
import path from 'node:path';

import {inFolder, run} from '../lib/media.mjs';

const SOURCES = {
	a: 'testsrc2=size=320x180:rate=12:duration=1',
	b: 'mandelbrot=size=320x180:rate=12,trim=duration=1,setpts=PTS-STARTPTS',
};
const made = {};

function clip(side) {
	made[side] ??= inFolder(folder => {
		const out = path.join(folder, 'out.mp4');
		run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', SOURCES[side],
			'-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', out]);
		return fs.readFileSync(out);
	});
	return made[side];
}

/** The MP4 of a side, with a note in a box at its end. */
export function videoOf(side, note) {
	const box = Buffer.alloc(8);
	box.writeUInt32BE(8 + Buffer.byteLength(note), 0);
	box.write('free', 4);
	return Buffer.concat([clip(side), box, Buffer.from(note)]);
}
