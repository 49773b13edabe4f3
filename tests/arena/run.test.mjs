/*
 * A video from the API to the store, by the userscript in a tab of the stand-in site.
 */
import assert from 'node:assert/strict';

import {onArena} from '../lib/arena.mjs';
import {assertVideo} from '../lib/media.mjs';

for (const inject of ['manager', 'plain'])
	onArena(`a prompt becomes two videos; the script comes by ${inject}`, {browser: {inject}}, async ({site, tab, api}) => {
		assert.equal(await tab.panel.transport(), 'websocket');
		await api.offered('arena-battle');
		const {id} = await api.create({model: 'arena-battle', prompt: 'a boat at dusk', seconds: undefined, size: undefined});
		const job = await api.wait(id, 'completed');
		assert.equal(job.outputs.length, 2);
		assertVideo(await api.content(id), {width: 320, height: 180, seconds: 1});
		assert.deepEqual(site.seen.evaluations.map(each => [each.prompt, each.mode, each.status]),
			[['a boat at dusk', 'battle', 200]]);
		assert.deepEqual(site.seen.tokens.map(each => [each.uses, each.refused]), [[1, undefined]]);
	});
