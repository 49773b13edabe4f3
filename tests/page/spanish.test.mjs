/*
 * The page in Spanish, where words matter most: the way to a worker, a worker that wants a human, a vote.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {filmed, newConversation} from '../lib/films.mjs';
import {clip, onStudio, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = studioStack({sandbox: false});
const es = {locale: 'es-ES'};

async function pairedToken(stack, code) {
	const answer = await fetch(`${stack.url}/worker/pair`, {method: 'POST', headers: {'content-type': 'application/json'},
		body: JSON.stringify({code, name: 'mi portátil'})});
	assert.equal(answer.status, 200);
	return (await answer.json()).token;
}

onStudio('from the first steps to a worker, and to nothing again', {sandbox: false}, async stack => {
	const studio = await openStudio(stack, es);
	const {page} = studio;
	const steps = page.getByRole('region', {name: 'Primero, alguien que los haga'});
	await steps.getByText('Las condiciones del sitio prohíben el acceso automatizado').waitFor();
	assert.equal(await steps.getByRole('link', {name: 'Instala el userscript'}).getAttribute('href'),
		'/LMArenaVideoInjector.user.js');
	await steps.getByRole('button', {name: 'Mostrar un código'}).click();
	await steps.getByText(/Vale una vez, hasta las \d/).waitFor();
	const worker = await connectWorker(stack, {token: await pairedToken(stack, await steps.locator('.code').innerText()),
		name: 'mi portátil', kind: 'browser', models: [model('es-1')]});
	await page.getByText('mi portátil está conectado.').waitFor();
	await steps.waitFor({state: 'detached'});

	const strip = page.getByRole('region', {name: 'Trabajadores'});
	const tomorrow = Date.now() + 24 * 3600_000;
	await strip.locator('[data-state=ready]').getByText('Listo').waitFor();
	worker.send({type: 'attention', reason: 'login', message: 'Unauthorized', url: 'https://arena.ai/video'});
	await strip.getByText('Inicia sesión en ese sitio. Unauthorized').waitFor();
	assert.equal(await strip.getByRole('link', {name: 'Abrir esa página'}).getAttribute('href'), 'https://arena.ai/video');
	worker.send({type: 'attention_over'});
	worker.send({type: 'state', paused: false, until_ms: tomorrow, note: 'Try again in 24 hours.'});
	await strip.getByText(/Descansa hasta el [a-záé]{3}, \d/).waitFor();

	await strip.getByRole('button', {name: 'Añadir un trabajador'}).click();
	const dialog = page.getByRole('dialog', {name: 'Añadir un trabajador'});
	const code = dialog.locator('.code');
	const first = await until('a code', async () => /^\w{4}-\w{4}$/.test(await code.innerText()) && code.innerText());
	await dialog.getByRole('button', {name: 'Otro código'}).click();
	await until('another code', async () => {
		const now = await code.innerText();
		return /^\w{4}-\w{4}$/.test(now) && now !== first;
	});
	await page.keyboard.press('Escape');
	await dialog.waitFor({state: 'detached'});

	await strip.getByRole('button', {name: 'Quitar mi portátil'}).click();
	await strip.getByRole('button', {name: '¿Seguro?'}).click();
	await worker.over;
	await steps.waitFor();
	await studio.close();
});

shared.test('a battle and its vote', async stack => {
	const paint = await painter(stack, {outputs: 2});
	const conversation = newConversation();
	const {id} = await filmed(stack, paint, {prompt: 'Dos barcos', metadata: {conversation}}, [clip(), clip()]);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, ...es});
	const votes = studio.card(id).getByRole('group', {name: '¿Qué vídeo es mejor?'});
	for (const name of ['Mejor A', 'Mejor B', 'Empate', 'Los dos mal'])
		await votes.getByRole('button', {name, exact: true}).waitFor();
	await votes.getByRole('button', {name: 'Los dos mal'}).click();
	const first = await paint.worker.next('vote');
	assert.equal(first.winner, 'both_bad');
	await studio.card(id).getByText('Tu voto: Los dos mal. Está en camino.').waitFor();
	paint.worker.send({type: 'voted', job: first.job, ok: false, message: 'The round is over.', names: []});
	await studio.card(id).getByText('El voto no llegó. The round is over.').waitFor();
	await votes.getByRole('button', {name: 'Empate'}).click();
	const second = await paint.worker.next('vote');
	paint.worker.send({type: 'voted', job: second.job, ok: true, message: '', names: ['Uno', 'Dos']});
	await studio.card(id).getByText('Tu voto: Empate').waitFor();
	assert.equal((await apiOf(stack).video(id)).vote.state, 'sent');
	await paint.worker.close();
	await studio.close();
});

shared.test('a menu with long words lies within a window that has become narrow', async stack => {
	const paint = await painter(stack);
	const conversation = newConversation();
	const {id} = await filmed(stack, paint, {prompt: 'Un barco', metadata: {conversation}}, clip());
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, ...es});
	const {page} = studio;
	const more = studio.card(id).locator('.actions button[aria-haspopup]');
	const menu = page.locator('.menu:popover-open');
	await more.click();
	await menu.waitFor();
	await page.keyboard.press('Escape');
	await page.setViewportSize({width: 360, height: 740});
	await more.click();
	await menu.getByText('Empezar desde el último fotograma').waitFor();
	const edges = await menu.evaluate(each => {
		const {left, right} = each.getBoundingClientRect();
		return {left, right: innerWidth - right};
	});
	assert.ok(edges.left >= 8 && edges.right >= 8, JSON.stringify(edges));
	await paint.worker.close();
	await studio.close();
});
