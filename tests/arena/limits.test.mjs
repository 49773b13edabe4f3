/*
 * The site's limits, in each of its wordings: kept to the time that was said, over a reload too, while the
 * job waits untried.
 */
import assert from 'node:assert/strict';

import {BATTLE, onArena} from '../lib/arena.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';
import {model, steadyWorker} from '../lib/worker.mjs';

const MIN = 60;

/* What is said, how many seconds that is, and what the panel tells people of it. */
const WORDINGS = [
	['quota_hours', 600 * MIN, /try again in 10 hours/],
	['quota_hour', 60 * MIN, /try again in 1 hour/],
	['quota_minutes', 25 * MIN, /try again in 25 minutes/],
	['quota_seconds', 90, /Try again in 90 seconds/],
	['retry_after', 2 * MIN, /Too Many Requests/],
	['retry_after_date', 2 * MIN, /Too Many Requests/],
	['too_many', 5 * MIN, /Too Many Requests/], // no time: our own
	['too_many_html', 5 * MIN, /limit is reached/],
];

/** Until when the worker rests, in seconds from when the site was asked; the site's dates are whole seconds. */
async function restOf({site, api}) {
	const worker = await until('the worker to say until when it rests', async () =>
		(await api.good(api.get('/v1/workers'))).data.find(each => each.connected && each.until));
	return {worker, seconds: worker.until - site.seen.evaluations[0].at / 1000};
}

for (const [name, seconds, words] of WORDINGS)
	onArena(`${name}: ${seconds} s, and the job waits`, {knobs: {refuse: {create: [name]}}}, async all => {
		const {site, stack, tab, api} = all;
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await tab.panel.is('s_cooling_down');
		assert.match(await tab.panel.text(), words);
		assert.match(await tab.panel.text(), /No run before .*\d\d:\d\d/);
		const first = await restOf(all);
		/* It counts from when the answer has come. */
		assert.ok(first.seconds > seconds - 2 && first.seconds < seconds + 15, `${first.seconds} s`);
		assert.deepEqual([first.worker.state, first.worker.busy], ['cooling_down', 0]);
		assert.match(first.worker.note, words);
		const job = await until('the job to be back', async () => {
			const now = await api.video(id);
			return now.status === 'queued' && now;
		});
		assert.deepEqual([job.attempts, job.stage], [0, 'cooling_down']);
		assert.match(job.note, words);
		await tab.page.reload();
		await tab.panel.is('s_cooling_down');
		assert.equal((await restOf(all)).worker.until, first.worker.until, 'a reload changes nothing');
		assert.equal(site.seen.evaluations.length, 1, 'the site was asked once');
		assert.equal(stack.log('jobs').match(/ev=job_given_back/g).length, 1, 'the job came here once');
	});

onArena('while one rests another worker gets the jobs, and the one that was given back', {knobs: {refuse: {create: ['quota_hours']}}},
	async ({site, stack, tab, api}) => {
		await api.offered('arena-battle');
		const first = await api.create(BATTLE);
		await tab.panel.is('s_cooling_down');
		const second = await api.create(BATTLE);
		const other = steadyWorker(stack, {models: [model('arena-battle', {outputs: 2})], make: () => [tinyMp4('a'), tinyMp4('b')]});
		for (const {id} of [second, first])
			await api.wait(id, 'completed');
		await until('both to be its work', () => other.ended.length === 2);
		assert.equal(site.seen.evaluations.length, 1, 'the site was asked no more');
		await other.stop();
	});
