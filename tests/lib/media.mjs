/*
 * Pictures and videos for the tests, and what ffprobe and ffmpeg say about videos.
 */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

import {progressiveJpeg} from './jpeg.mjs';

/** Runs a program with bytes on its standard input; answers {out, err}; a failure is an error. */
export function run(program, args, input) {
	const done = spawnSync(program, args, {input, maxBuffer: 1 << 28, timeout: 60_000});
	if (done.error)
		throw done.error;
	assert.equal(done.status, 0, `${program} ${args.join(' ')}: ${done.stderr.toString().slice(-500)}`);
	return {out: done.stdout, err: done.stderr.toString()};
}

const ffmpeg = (args, input) => run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args], input);

/** Calls fn with the path of a temporary folder, which goes afterwards. */
export function inFolder(fn) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-media-'));
	try {
		return fn(folder);
	} finally {
		fs.rmSync(folder, {recursive: true, force: true});
	}
}

/* ---- pictures ---- */

/* The four colours of the test picture: where they are says how it was turned. */
const CORNERS = {
	topLeft: [200, 40, 40],
	topRight: [40, 170, 60],
	bottomLeft: [40, 70, 200],
	bottomRight: [220, 200, 50],
};

/* Four areas of colour with some shading and grain, like a (dull) photo. */
const photo = (width, height) => (x, y) => {
	const base = CORNERS[(y < height / 2 ? 'top' : 'bottom') + (x < width / 2 ? 'Left' : 'Right')];
	const shade = 12 * Math.sin(x / 23) * Math.cos(y / 31) + ((x * 7919 + y * 104729) % 13) - 6;
	return base.map(value => Math.max(0, Math.min(255, Math.round(value + shade))));
};

const crcTable = Array.from({length: 256}, (_, n) => {
	for (let k = 0; k < 8; k++)
		n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
	return n >>> 0;
});

function chunk(type, data) {
	const body = Buffer.concat([Buffer.from(type), data]);
	const out = Buffer.alloc(body.length + 8);
	let crc = 0xffffffff;
	for (const byte of body)
		crc = crcTable[(crc ^ byte) & 255] ^ crc >>> 8;
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, out.length - 4);
	return out;
}

/** A PNG; colour(x, y) gives [r, g, b] or, with alpha, [r, g, b, a]. */
export function png(width, height, colour = photo(width, height), alpha = false) {
	const step = alpha ? 4 : 3;
	const raw = Buffer.alloc((width * step + 1) * height);
	for (let y = 0, at = 0; y < height; y++) {
		raw[at++] = 0;
		for (let x = 0; x < width; x++)
			for (const value of colour(x, y).slice(0, step))
				raw[at++] = value;
	}
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, alpha ? 6 : 2, 0, 0, 0], 8);
	return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
		chunk('IDAT', zlib.deflateSync(raw, {level: 1})), chunk('IEND', Buffer.alloc(0))]);
}

/** A header that claims a size, and nothing behind it. */
export function pngClaiming(width, height) {
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, 2, 0, 0, 0], 8);
	return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IEND', Buffer.alloc(0))]);
}

export const jpeg = (width, height) =>
	ffmpeg(['-f', 'png_pipe', '-i', '-', '-q:v', '2', '-f', 'image2', '-c:v', 'mjpeg', '-'], png(width, height)).out;

/* The EXIF orientation 6: whoever shows it turns it by 90 degrees clockwise. */
function turned(bytes, orientation) {
	const tiff = Buffer.from([
		0x4d, 0x4d, 0, 42, 0, 0, 0, 8,            // big-endian, the directory is at 8
		0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
	const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
	const size = exif.length + 2;
	return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0xff, 0xe1, size >> 8, size & 255]), exif, bytes.subarray(2)]);
}

/* Stored on its side: after the turn by 90 degrees it is the test picture again. */
function exifJpeg(width, height) {
	const upright = photo(width, height);
	const stored = png(height, width, (x, y) => upright(width - 1 - y, x));
	return turned(ffmpeg(['-f', 'png_pipe', '-i', '-', '-q:v', '2', '-f', 'image2', '-c:v', 'mjpeg', '-'], stored).out, 6);
}

/* The first frame is the test picture, the others are black: a renderer takes the first. */
const frames = (width, height) => [png(width, height), png(width, height, () => [0, 0, 0])];

const animatedWebp = (width, height) => inFolder(folder => {
	const files = frames(width, height).map((bytes, i) => {
		fs.writeFileSync(path.join(folder, `${i}.png`), bytes);
		return path.join(folder, `${i}.png`);
	});
	const out = path.join(folder, 'out.webp');
	run('img2webp', ['-d', '200', ...files, '-o', out]);
	return fs.readFileSync(out);
});

const animatedGif = (width, height) => inFolder(folder => {
	frames(width, height).forEach((bytes, i) => fs.writeFileSync(path.join(folder, `${i}.png`), bytes));
	return ffmpeg(['-framerate', '5', '-i', path.join(folder, '%d.png'), '-filter_complex',
		'split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1', '-f', 'gif', '-']).out;
});

const webp = (width, height) => inFolder(folder => {
	fs.writeFileSync(path.join(folder, 'in.png'), png(width, height));
	run('cwebp', ['-quiet', '-q', '90', path.join(folder, 'in.png'), '-o', path.join(folder, 'out.webp')]);
	return fs.readFileSync(path.join(folder, 'out.webp'));
});

/** name -> (width, height) -> bytes: the same picture in every format that is taken. */
export const PICTURES = {
	'JPEG': jpeg,
	'progressive JPEG': (width, height) => progressiveJpeg(width, height, photo(width, height)),
	'JPEG turned by EXIF': exifJpeg,
	'PNG': png,
	/* A transparent frame around it: the corners' middles stay opaque. */
	'PNG with alpha': (width, height) => png(width, height, (x, y) => [...photo(width, height)(x, y),
		Math.min(x, y, width - 1 - x, height - 1 - y) < width / 32 ? 0 : 255], true),
	'WebP': webp,
	'animated WebP': animatedWebp,
	'animated GIF': animatedGif,
};

/* ---- videos ---- */

/* Made at once: later there are workers in this process, which must not be kept from answering pings. */
const tiny = inFolder(folder => {
	const out = path.join(folder, 'out.mp4');
	ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=128x128:rate=12:duration=0.5', '-c:v', 'libx264',
		'-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', out]);
	return fs.readFileSync(out);
});

/** A tiny clean MP4; `note` goes into a box at its end, so that every job's file is another. */
export function tinyMp4(note = '') {
	if (!note)
		return tiny;
	const box = Buffer.alloc(8);
	box.writeUInt32BE(8 + Buffer.byteLength(note), 0);
	box.write('free', 4);
	return Buffer.concat([tiny, box, Buffer.from(note)]);
}

/** The note of a tinyMp4. */
export const noteOf = bytes => bytes.subarray(tinyMp4().length + 8).toString();

/** A clean MP4 of at least `size` bytes (noise does not compress). It takes long: before workers connect. */
export const bigMp4 = size => inFolder(folder => {
	const out = path.join(folder, 'out.mp4');
	const seconds = Math.ceil(size / 4_000_000);
	ffmpeg(['-f', 'lavfi', '-i', `nullsrc=size=640x360:rate=24:duration=${seconds},geq=random(1)*255:128:128`,
		'-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '18', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', out]);
	const bytes = fs.readFileSync(out);
	assert.ok(bytes.length >= size, `only ${bytes.length} bytes`);
	return bytes;
});

/* The names of the boxes at the top of an MP4, in order. */
function boxesOf(bytes) {
	const names = [];
	for (let at = 0; at + 8 <= bytes.length;) {
		let size = bytes.readUInt32BE(at);
		names.push(bytes.toString('latin1', at + 4, at + 8));
		if (size === 1)
			size = Number(bytes.readBigUInt64BE(at + 8));
		if (size < 8)
			break;
		at += size;
	}
	return names;
}

/** What ffprobe says: {video, streams, format, complaints}. */
export function probe(bytes) {
	return inFolder(folder => {
		const file = path.join(folder, 'file');
		fs.writeFileSync(file, bytes);
		const {out, err} = run('ffprobe', ['-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', file]);
		const info = JSON.parse(out);
		/* ffprobe reads heads; ffmpeg decodes every frame. */
		const decoded = ffmpeg(['-i', file, '-f', 'null', '-']);
		return {...info, video: info.streams.find(each => each.codec_type === 'video'), complaints: err + decoded.err};
	});
}

/** Asserts that it is a clean H.264 MP4, ready for streaming, of this size and length. */
export function assertVideo(bytes, {width, height, seconds}) {
	const {video, format, complaints} = probe(bytes);
	assert.equal(complaints, '', 'ffmpeg complains');
	assert.equal(video.codec_name, 'h264');
	assert.equal(video.pix_fmt, 'yuv420p');
	assert.deepEqual([video.width, video.height], [width, height]);
	assert.ok(Math.abs(Number(format.duration) - seconds) < 0.05, `it lasts ${format.duration} s, not ${seconds}`);
	const boxes = boxesOf(bytes);
	assert.equal(boxes[0], 'ftyp');
	assert.ok(boxes.indexOf('moov') < boxes.indexOf('mdat'), `moov must come before mdat: ${boxes}`);
	return {video, format};
}

/** One frame, scaled to columns x rows: [[ [r,g,b], ...], ...]. at: seconds. */
export function frameOf(bytes, at, columns = 64, rows = 64) {
	return inFolder(folder => {
		const file = path.join(folder, 'file');
		fs.writeFileSync(file, bytes);
		const {out} = ffmpeg(['-ss', String(at), '-i', file, '-frames:v', '1', '-vf',
			`scale=${columns}:${rows}:flags=area`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
		assert.equal(out.length, columns * rows * 3, `there is a frame at ${at} s`);
		return Array.from({length: rows}, (_, y) => Array.from({length: columns}, (_, x) =>
			[...out.subarray((y * columns + x) * 3, (y * columns + x) * 3 + 3)]));
	});
}

/** The mean colour of a part of a frame; all between 0 and 1. */
export function meanOf(frame, {left, top, right, bottom}) {
	const sum = [0, 0, 0];
	let count = 0;
	for (let y = Math.floor(top * frame.length); y < bottom * frame.length; y++)
		for (let x = Math.floor(left * frame[0].length); x < right * frame[0].length; x++, count++)
			frame[y][x].forEach((value, c) => sum[c] += value);
	return sum.map(value => Math.round(value / count));
}

export const distance = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** Asserts that the four colours of the test picture are where they belong in this frame. */
export function assertCorners(frame, tolerance = 40) {
	const near = {topLeft: [0.22, 0.22], topRight: [0.78, 0.22], bottomLeft: [0.22, 0.78], bottomRight: [0.78, 0.78]};
	for (const [name, [x, y]] of Object.entries(near)) {
		const seen = meanOf(frame, {left: x - 0.08, right: x + 0.08, top: y - 0.08, bottom: y + 0.08});
		assert.ok(distance(seen, CORNERS[name]) <= tolerance,
			`${name} should be near ${CORNERS[name]}, it is ${seen}`);
	}
}

/** Width and height of a WebP, and that it is one. */
export function webpSize(bytes) {
	assert.equal(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12), 'RIFFWEBP');
	const {video} = inFolder(folder => {
		const file = path.join(folder, 'a.webp');
		fs.writeFileSync(file, bytes);
		const {out} = run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file]);
		return {video: JSON.parse(out).streams[0]};
	});
	return {width: video.width, height: video.height};
}
