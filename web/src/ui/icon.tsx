/** Icons: strokes on a grid of 20, drawn by hand. Decoration: what they mean is said beside them. */

const paths = {
	send: "M10 16V4m0 0L4.8 9.2M10 4l5.2 5.2",
	image: "M5 3.5h10a2.5 2.5 0 0 1 2.5 2.5v8a2.5 2.5 0 0 1-2.5 2.5H5A2.5 2.5 0 0 1 2.5 14V6A2.5 2.5 0 0 1 5 3.5zM7 6.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zM3.5 15l4.6-4.3 3 2.7 2.8-2.5 3 2.9",
	close: "m5 5 10 10M15 5 5 15",
	save: "M10 3v9.5m0 0L6 8.7m4 3.8 4-3.8M3.5 16.5h13",
	bin: "M3.5 5.5h13M8 5.5V3.3h4v2.2M5.2 5.5l.8 11h8l.8-11M8.5 8.7v4.8m3-4.8v4.8",
	stop: "M7 5h6a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z",
	again: "M15.8 8A6.2 6.2 0 1 0 16 11.8M16 3.5V8h-4.5",
	leave: "M8 3.5H4.5v13H8M8.5 10h8m0 0-3-3m3 3-3 3",
	play: "M6 3.9v12.2c0 .8.9 1.3 1.6.9l9.6-6.1a1 1 0 0 0 0-1.8L7.6 3C6.9 2.6 6 3.1 6 3.9z",
	plus: "M10 4v12M4 10h12",
	grid: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z",
	settings: "M4 6h12M4 14h12M8 4v4M13 12v4",
	pen: "m4 16 .8-3.6L13.6 3.6a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L7.6 15.2 4 16zM12 5.2l2.8 2.8",
	heart: "M10 16.2S3.5 12.4 3.5 7.9A3.4 3.4 0 0 1 10 6.4a3.4 3.4 0 0 1 6.5 1.5c0 4.5-6.5 8.3-6.5 8.3z",
	menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
	return (
		<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
			<path d={paths[name]} />
		</svg>
	);
}
