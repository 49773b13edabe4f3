/*
 * Every state of videos, looked at: waiting, being made, done, failed, battles, comparisons, the gallery.
 * looks.mjs says what that means.
 */
import {apiOf, newKey} from '../lib/api.mjs';
import {drawn, filmed, newConversation} from '../lib/films.mjs';
import {LANGUAGES, look} from '../lib/looks.mjs';
import {openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';
import {steadyWorker, model} from '../lib/worker.mjs';

const shared = studioStack({sandbox: false});
const patient = {timeout: 300_000};
const wide = {size: '1280x720', seconds: '4'};

const both = (name, fn) => {
	for (const {lang, locale} of LANGUAGES)
		shared.test(`${name} (${lang})`, async (stack, t) => {
			const key = await newKey(stack, `${t.name}`.replace(/\W+/g, '-').slice(0, 30)); // videos of others are not seen
			await fn({...stack, key}, {lang, locale});
		}, patient);
};

const PROMPTS = {
	en: ['A lighthouse on a cliff at dusk, waves below, the camera rises slowly', 'Rain over a city at night, neon in the puddles',
		'A paper boat on a quiet lake in the first light', 'Northern lights above snow, a cabin with one warm window'],
	es: ['Un faro sobre el acantilado al anochecer, olas abajo, la cámara sube despacio', 'Lluvia sobre la ciudad de noche, neón en los charcos',
		'Un barco de papel en un lago tranquilo con la primera luz', 'Aurora boreal sobre la nieve, una cabaña con una ventana encendida'],
};
const ENGLISH = PROMPTS.en; // what the sandbox draws by

both('waiting in line, being made, done, played', async (stack, {lang, locale}) => {
	const [faro, city, boat] = PROMPTS[lang];
	const paint = await painter(stack, {name: 'Aurora 2'}, {name: 'Studio'});
	const {worker, id} = paint;
	const api = apiOf(stack);
	const conversation = newConversation();
	const ask = prompt => api.create({...wide, model: id, prompt, metadata: {conversation}});
	await filmed(stack, paint, {prompt: faro, metadata: {conversation}}, drawn(ENGLISH[0], {seconds: 2}));
	const studio = await openStudio(stack, {model: id, at: `#/c/${conversation}`, locale});
	const {page} = studio;
	await page.locator('.card[data-status=completed] .poster').waitFor();
	await look(studio, 'done', {lang});
	await page.locator('.card .start').click();
	await page.locator('.card video').waitFor();
	await page.locator('.player').press('k');
	await look(studio, 'playing', {lang});
	const going = await ask(city);
	const job = await worker.next('job');
	worker.accept(job);
	worker.progress(job, 42, 'rendering');
	const waits = await ask(boat);
	await studio.inState(studio.card(going.id), 'in_progress');
	await studio.card(going.id).locator('.percent').waitFor();
	await look(studio, 'running', {lang, open: () => studio.card(going.id).scrollIntoViewIfNeeded()});
	await look(studio, 'queued', {lang, open: () => studio.card(waits.id).scrollIntoViewIfNeeded()});
	await look(studio, 'actions', {lang, close: () => page.keyboard.press('Escape'),
		async open() {
			const more = page.locator('.card[data-status=completed] .actions button[aria-haspopup]');
			await more.scrollIntoViewIfNeeded();
			await more.click();
			await page.locator('.menu-item').first().waitFor();
		}});
	await studio.close();
	await worker.close();
});

both('failed in several ways, and cancelled', async (stack, {lang, locale}) => {
	const {worker, id} = await painter(stack, {name: 'Aurora 2'}, {name: 'Studio'});
	const api = apiOf(stack);
	const conversation = newConversation();
	const ask = prompt => api.create({...wide, model: id, prompt, metadata: {conversation}});
	const ways = [['content_policy', 'The site did not take these words.'], ['expired', ''], ['upstream_error', 'The site ended the run without a video.']];
	for (const [i, [code, message]] of ways.entries()) {
		await ask(PROMPTS[lang][i]);
		const job = await worker.next('job');
		worker.accept(job);
		await worker.fail(job, code, {message, retryable: false});
		worker.ready(1);
	}
	await api.cancel((await api.create({...wide, model: 'veo3', prompt: PROMPTS[lang][3], metadata: {conversation}})).id);
	const studio = await openStudio(stack, {model: id, at: `#/c/${conversation}`, locale});
	await studio.page.locator('.card[data-status=cancelled]').waitFor();
	await look(studio, 'failed', {lang});
	await studio.close();
	await worker.close();
});

both('a battle before and after the vote', async (stack, {lang, locale}) => {
	const conversation = newConversation();
	const films = [drawn(ENGLISH[1], {seconds: 2}), drawn(ENGLISH[1], {seconds: 2, seed: 90})];
	const paint = await painter(stack, {name: 'Two at once', outputs: 2}, {name: 'Arena tab'});
	const {id} = await filmed(stack, paint, {prompt: PROMPTS[lang][1], metadata: {conversation}}, films);
	const studio = await openStudio(stack, {model: paint.id, at: `#/c/${conversation}`, locale});
	await studio.card(id).locator('.poster').nth(1).waitFor();
	await look(studio, 'battle', {lang});
	await studio.card(id).locator('.votes button').first().click();
	const vote = await paint.worker.next('vote');
	paint.worker.send({type: 'voted', job: vote.job, ok: true, message: '', names: ['Aurora 2 Turbo', 'Meridian Preview (long name of a model)']});
	await studio.card(id).locator('[data-vote=sent]').waitFor();
	await look(studio, 'voted', {lang});
	await studio.close();
	await paint.worker.close();
});

both('variations, and several models compared', async (stack, {lang, locale}) => {
	const painters = [];
	for (const name of ['Aurora 2', 'Meridian', 'Halo Fast'])
		painters.push(await painter(stack, {name}, {name: 'Studio'}));
	const conversation = newConversation();
	const metadata = {conversation, group: `group${conversation}`, kind: 'compare'};
	for (const [i, paint] of painters.slice(0, 2).entries())
		await filmed(stack, paint, {prompt: PROMPTS[lang][3], metadata}, drawn(ENGLISH[3], {seconds: 2, seed: i * 50}));
	const {id} = await apiOf(stack).create({...wide, size: '320x180', seconds: '2', model: painters[2].id, prompt: PROMPTS[lang][3], metadata});
	const job = await painters[2].worker.next('job');
	painters[2].worker.accept(job);
	painters[2].worker.progress(job, 70, 'encoding');
	const studio = await openStudio(stack, {model: painters.map(each => each.id), at: `#/c/${conversation}`, locale});
	await studio.inState(studio.card(id), 'in_progress');
	await studio.card(id).locator('.percent').waitFor();
	await look(studio, 'several', {lang});
	await studio.page.goto(`${stack.url}/video-chat#/compare/${metadata.group}`);
	await studio.page.locator('.compare .poster').nth(1).waitFor();
	await look(studio, 'compare', {lang});
	await studio.close();
	for (const {worker} of painters)
		await worker.close();
});

/** Sixty videos: most are made, some wait, failed or were cancelled. */
async function sixty(stack, lang) {
	const films = ENGLISH.flatMap((prompt, i) => [drawn(prompt, {seed: i}),
		drawn(prompt, {seed: i + 40, ...(i % 2 ? {width: 360, height: 640} : {})})]);
	const name = `gallery-${lang}`;
	let made = 0;
	const worker = steadyWorker(stack, {slots: 4, models: [model(name, {name: 'Aurora 2'})], name: 'Studio',
		make: async () => films[made++ % films.length]});
	const api = apiOf(stack);
	await api.offered(name);
	const jobs = [];
	for (let i = 0; i < 60; i++) {
		const fields = i % 10 === 7 ? {...wide, seconds: '8', model: 'veo3'} : {size: '640x360', model: name}; // nobody makes the former
		jobs.push(await api.create({...fields, prompt: PROMPTS[lang][i % 4]}));
		if (i % 20 === 7)
			await api.cancel(jobs.at(-1).id);
	}
	await until('all that are made to be made', async () => {
		const {data} = (await api.get('/v1/videos?status=completed&limit=100')).body;
		return data.length === 54;
	}, {ms: 120_000});
	return worker;
}

both('the gallery of sixty, selected, and one of them large', async (stack, {lang, locale}) => {
	const worker = await sixty(stack, lang);
	const studio = await openStudio(stack, {at: '#/gallery', locale});
	const {page} = studio;
	await page.locator('.tile img').nth(7).waitFor();
	await look(studio, 'gallery', {lang});
	await page.locator('.tile[data-status=completed] button').first().click();
	await page.locator('.viewer .poster').waitFor();
	await look(studio, 'viewer', {lang});
	await page.keyboard.press('Escape');
	await page.locator('.filters .plain').last().click();
	for (const i of [0, 1, 3])
		await page.locator('.tile button').nth(i).click();
	await page.locator('.selection').waitFor();
	await look(studio, 'selection', {lang});
	await studio.close();
	await worker.stop();
});
