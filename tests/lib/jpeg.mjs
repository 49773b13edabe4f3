/*
 * A progressive JPEG written by hand (ITU-T T.81, spectral selection only): none of the tools that
 * the tests have writes one. Grey would hide colour mistakes, so it is YCbCr, 4:4:4.
 */

const ZIGZAG = [
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
	21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
	60, 61, 54, 47, 55, 62, 63];

const QUANT = 4; // the same for every coefficient: good quality, little thought

/* Every code has eight bits here: 8-bit codes hold 255 symbols, and need no statistics. */
const symbolsAc = Array.from({length: 255}, (_, i) => i); // (run << 4 | size); 0xff is never needed
const symbolsDc = Array.from({length: 12}, (_, i) => i);

const u16 = n => [n >> 8, n & 255];
const segment = (marker, bytes) => Buffer.from([0xff, marker, ...u16(bytes.length + 2), ...bytes]);

function huffman(kind, symbols) {
	const counts = new Array(16).fill(0);
	counts[7] = symbols.length;
	return segment(0xc4, [kind << 4, ...counts, ...symbols]);
}

class Bits {
	bytes = [];
	held = 0;
	count = 0;

	put(value, length) {
		for (let i = length - 1; i >= 0; i--) {
			this.held = this.held << 1 | value >> i & 1;
			if (++this.count === 8) {
				this.bytes.push(this.held);
				if (this.held === 0xff)
					this.bytes.push(0);
				this.held = this.count = 0;
			}
		}
	}

	/* A number's size is its bit length; negative ones are written as their ones' complement. */
	number(value, size) {
		this.put(value < 0 ? value + (1 << size) - 1 : value, size);
	}

	end() {
		while (this.count)
			this.put(1, 1);
		return Buffer.from(this.bytes);
	}
}

const sizeOf = value => value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));

const COS = Array.from({length: 8}, (_, u) => Array.from({length: 8}, (_, x) =>
	Math.cos((2 * x + 1) * u * Math.PI / 16) * (u ? 0.5 : Math.SQRT1_2 / 2)));

/* 64 samples to 64 quantised coefficients in zigzag order. */
function transform(samples) {
	const rows = new Float64Array(64);
	const out = new Array(64);
	for (let y = 0; y < 8; y++)
		for (let u = 0; u < 8; u++)
			for (let x = 0; x < 8; x++)
				rows[y * 8 + u] += samples[y * 8 + x] * COS[u][x];
	for (let k = 0; k < 64; k++) {
		const [v, u] = [ZIGZAG[k] >> 3, ZIGZAG[k] & 7];
		let sum = 0;
		for (let y = 0; y < 8; y++)
			sum += rows[y * 8 + u] * COS[v][y];
		out[k] = Math.round(sum / QUANT);
	}
	return out;
}

const toYcc = ([r, g, b]) => [
	0.299 * r + 0.587 * g + 0.114 * b - 128,
	-0.168736 * r - 0.331264 * g + 0.5 * b,
	0.5 * r - 0.418688 * g - 0.081312 * b];

/** colour(x, y) gives [r, g, b]; sides must be multiples of 8. */
export function progressiveJpeg(width, height, colour) {
	const blocks = []; // [component][block][coefficient]
	for (let c = 0; c < 3; c++)
		blocks.push([]);
	for (let by = 0; by < height; by += 8)
		for (let bx = 0; bx < width; bx += 8) {
			const samples = [[], [], []];
			for (let i = 0; i < 64; i++)
				toYcc(colour(bx + (i & 7), by + (i >> 3))).forEach((value, c) => samples[c].push(value));
			samples.forEach((each, c) => blocks[c].push(transform(each)));
		}

	const parts = [
		Buffer.from([0xff, 0xd8]),
		segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
		segment(0xdb, [0, ...new Array(64).fill(QUANT)]),
		segment(0xc2, [8, ...u16(height), ...u16(width), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
		huffman(0, symbolsDc),
		huffman(1, symbolsAc),
	];

	const dc = new Bits();
	const last = [0, 0, 0];
	for (let i = 0; i < blocks[0].length; i++)
		for (let c = 0; c < 3; c++) {
			const value = blocks[c][i][0] - last[c];
			last[c] = blocks[c][i][0];
			dc.put(symbolsDc.indexOf(sizeOf(value)), 8);
			dc.number(value, sizeOf(value));
		}
	parts.push(segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]), dc.end());

	for (let c = 0; c < 3; c++)
		for (const [from, to] of [[1, 5], [6, 63]])
			parts.push(segment(0xda, [1, c + 1, 0, from, to, 0]), acScan(blocks[c], from, to));
	parts.push(Buffer.from([0xff, 0xd9]));
	return Buffer.concat(parts);
}

function acScan(blocks, from, to) {
	const bits = new Bits();
	for (const block of blocks) {
		let run = 0;
		for (let k = from; k <= to; k++) {
			if (block[k] === 0) {
				run++;
				continue;
			}
			for (; run > 15; run -= 16)
				bits.put(0xf0, 8);
			bits.put(run << 4 | sizeOf(block[k]), 8);
			bits.number(block[k], sizeOf(block[k]));
			run = 0;
		}
		if (run)
			bits.put(0, 8); // end of band
	}
	return bits.end();
}
