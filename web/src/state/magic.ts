/** What an image is, by its first bytes: its name may say anything. */

interface ImageInfo {
	type: "png" | "jpeg" | "webp" | "gif";
	width: number;
	height: number;
}

const says = (bytes: Uint8Array, at: number, text: string): boolean =>
	[...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function png(bytes: Uint8Array): ImageInfo | null {
	if (!says(bytes, 0, "\x89PNG\r\n\x1a\n") || bytes.length < 24) return null;
	return { type: "png", width: view(bytes).getUint32(16), height: view(bytes).getUint32(20) };
}

function gif(bytes: Uint8Array): ImageInfo | null {
	if (!(says(bytes, 0, "GIF87a") || says(bytes, 0, "GIF89a")) || bytes.length < 10) return null;
	return {
		type: "gif",
		width: view(bytes).getUint16(6, true),
		height: view(bytes).getUint16(8, true),
	};
}

/** SOF0 to SOF15, without DHT (c4), JPG (c8) and DAC (cc): ITU-T T.81, table B.1. */
const isFrame = (marker: number): boolean =>
	marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpeg(bytes: Uint8Array): ImageInfo | null {
	if (!says(bytes, 0, "\xff\xd8\xff")) return null;
	const data = view(bytes);

	for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
		const marker = bytes[at + 1]!;

		if (marker === 0xff) at++; // fill
		else if (isFrame(marker))
			return { type: "jpeg", width: data.getUint16(at + 7), height: data.getUint16(at + 5) };
		else at += 2 + data.getUint16(at + 2);
	}
	return { type: "jpeg", width: 0, height: 0 }; // farther in than we look: the gateway will
}

/** RFC 9649: three kinds, by the name of the first chunk. */
function webp(bytes: Uint8Array): ImageInfo | null {
	if (!says(bytes, 0, "RIFF") || !says(bytes, 8, "WEBP") || bytes.length < 30) return null;
	const data = view(bytes);
	const size = (width: number, height: number): ImageInfo => ({ type: "webp", width, height });

	if (says(bytes, 12, "VP8X"))
		return size(
			1 + (data.getUint32(24, true) & 0xffffff),
			1 + (data.getUint32(26, true) >>> 8),
		);
	if (says(bytes, 12, "VP8L")) {
		const packed = data.getUint32(21, true);

		return size(1 + (packed & 0x3fff), 1 + ((packed >>> 14) & 0x3fff));
	}
	return size(data.getUint16(26, true) & 0x3fff, data.getUint16(28, true) & 0x3fff);
}

/** null: none that the gateway takes. Width and height are 0 when they are not said so early. */
export const imageOf = (bytes: Uint8Array): ImageInfo | null =>
	png(bytes) ?? jpeg(bytes) ?? gif(bytes) ?? webp(bytes);
