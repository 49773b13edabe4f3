/*
 * Links of results under a certificate of one's own: followed when ARENA_FETCH_CA names it, and not otherwise.
 */
import assert from 'node:assert/strict';
import {after} from 'node:test';

import {startSite} from '../arena-site/server.mjs';
import {videoOf} from '../arena-site/videos.mjs';
import {apiOf} from '../lib/api.mjs';
import {settingsFor} from '../lib/arena.mjs';
import {onStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const site = await startSite();
after(() => site.stop());

/* A worker hands over a link to a file of the stand-in site; answers what the bridge said of it. */
async function handOver(stack, bytes) {
	const worker = await connectWorker(stack, {models: [model('linker')]});
	await apiOf(stack).offered('linker');
	const {id} = await apiOf(stack).create({model: 'linker'});
	const job = await worker.next('job');
	worker.accept(job);
	site.bucket.put(`u/${id}.mp4`, bytes, 'video/mp4');
	worker.result(job, [{url: site.bucket.link(`u/${id}.mp4`)}]);
	return {id, answer: await worker.answered(job)};
}

onStack('a link under a certificate that is trusted by setting is followed', {sandbox: false, env: settingsFor(site)},
	async stack => {
		const {id, answer} = await handOver(stack, videoOf('a', 'trusted'));
		assert.equal(answer.status, 'completed', JSON.stringify(answer));
		assert.equal((await apiOf(stack).content(id)).toString('latin1', 4, 8), 'ftyp');
	});

onStack('without the setting it is not', {sandbox: false, env: {...settingsFor(site), ARENA_FETCH_CA: ''}}, async stack => {
	const {answer} = await handOver(stack, videoOf('a', 'untrusted'));
	assert.equal(answer.code, 'fetch_failed', JSON.stringify(answer));
	assert.equal(site.seen.downloads.length, 1, 'only the trusting one read a file');
});
