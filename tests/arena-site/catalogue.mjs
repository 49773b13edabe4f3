/*
 * The models of the stand-in, with what makes the real list awkward: one name for two models, a
 * name that ends in a newline, models of other arenas, a video model that cannot be chosen.
 */

const inputs = {
	text: {text: true, image: false},
	image: {text: true, image: {requiresUpload: true, multipleImages: false}},
	both: {text: true, image: true},
	video: {text: true, video: {required: true}},
};

const model = (n, name, organization, input, more = {}) => ({
	id: `0199a000-0000-7000-8000-${String(n).padStart(12, '0')}`,
	organization, provider: `${organization}-api`, publicName: name, name: name.trim(), displayName: name.trim(),
	capabilities: {inputCapabilities: inputs[input], outputCapabilities: {video: {aspectRatio: true}}},
	userSelectable: true, rank: n, ...more,
});

export const CATALOGUE = [
	{arena: 'text', complete: true, models: [
		model(1, 'talker-9', 'talkers', 'text', {capabilities: {inputCapabilities: {text: true},
			outputCapabilities: {text: true}}}),
	]},
	{arena: 'text-to-video', complete: true, models: [
		model(11, 'pika-v2.2', 'pika', 'text'),
		model(12, 'veo-3', 'google', 'text'),
		model(13, 'veo-2\n', 'google', 'text'),
		model(14, 'kling-v2.1-master', 'kling', 'text'),
		model(15, 'seedance-v1-lite', 'bytedance', 'text'),
		model(16, 'hailuo-02-standard', 'minimax', 'both'),
		model(17, 'quiet-otter', 'unknown', 'text', {userSelectable: false}),
	]},
	{arena: 'image-to-video', complete: true, models: [
		model(21, 'seedance-v1-lite', 'bytedance', 'image'),
		model(22, 'kling-v2-master-image-to-video', 'kling', 'image'),
		model(16, 'hailuo-02-standard', 'minimax', 'both'),
	]},
	{arena: 'video-edit', complete: true, models: [
		model(31, 'reframe-1', 'reframers', 'video'),
	]},
];

/** The model of an id, or undefined. */
export const modelOf = (catalogue, id) => catalogue.flatMap(each => each.models).find(each => each.id === id);

/** Two models for a battle: of those that can, as the run's number says. */
export function opponents(catalogue, withImage, number) {
	const can = catalogue.find(each => each.arena === (withImage ? 'image-to-video' : 'text-to-video'))?.models ?? [];
	return can.length ? [can[number % can.length], can[(number + 1) % can.length]] : [];
}
