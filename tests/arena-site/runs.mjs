/*
 * The evaluation sessions: each has a life of its own once it has begun, whoever watches it. What
 * its streams say is kept, so that a stream attached later says it again.
 */
import {opponents} from './catalogue.mjs';
import {beginning, OUTCOMES, SHAPES} from './frames.mjs';
import {uuid7} from './ids.mjs';
import {videoOf} from './videos.mjs';

/** site: {knobs, until, now, bucket, pause, signal}. */
export function makeRuns(site) {
	const {knobs} = site;
	const all = new Map();

	function say(run, kind, lines) {
		for (const text of lines)
			run.log.push({kind, text});
		for (const wake of run.waiting.splice(0))
			wake();
	}

	function endSide(run, name) {
		const side = run.sides[name];
		if (side.status !== 'pending')
			return;
		const outcome = run.outcome[name];
		side.status = outcome.status;
		side.failureReason = outcome.failureReason ?? null;
		if (outcome.video) {
			side.key = `${run.user}/${site.now()}-${uuid7(site.now())}.mp4`;
			site.bucket.put(side.key, videoOf(name, `${run.id} ${name}`), 'video/mp4');
			const items = SHAPES[knobs.videoFrame](site.bucket.link(side.key));
			if (items)
				say(run, 'video', [`${name}2:${JSON.stringify(items)}`]);
		}
		say(run, 'end', outcome.lines(name));
	}

	function over(run) {
		if (Object.values(run.sides).some(side => side.status === 'pending'))
			return;
		run.phase = 'over';
		say(run, 'over', []);
	}

	async function live(run) {
		const names = Object.keys(run.sides);
		await site.pause(knobs.startMs);
		if (knobs.loseIfLeft && run.watchers === 0) {
			run.phase = 'lost';
			all.delete(run.id);
			return;
		}
		run.phase = 'running';
		for (const name of names)
			say(run, 'begin', beginning(name, run.sides[name].messageId, knobs));
		say(run, 'begun', ['']);
		await site.pause(knobs.durationMs);
		await site.until(() => !knobs.hold, site.signal);
		run.outcome = OUTCOMES[knobs.outcome];
		for (const name of knobs.first === 'a' ? names : names.reverse())
			if (run.outcome[name])
				endSide(run, name);
		over(run);
	}

	return {
		all,
		find: id => all.get(id),

		/** A run of a checked request; it lives from here on. */
		create({id, mode, prompt, attachments, userMessageId, messageIds, modelIds, owner}) {
			const drawn = opponents(knobs.catalogue, attachments.length > 0, all.size);
			const side = (messageId, i) => ({messageId, status: 'pending', key: undefined,
				model: modelIds[i] ?? drawn[i]?.id ?? null});
			const run = {id, mode, prompt, attachments, userMessageId, owner, user: 'u7f3a', phase: 'new', log: [],
				waiting: [], watchers: 0, vote: undefined, outcome: undefined, createdAt: site.now(),
				sides: Object.fromEntries(messageIds.map((each, i) => ['ab'[i], side(each, i)]))};
			all.set(id, run);
			live(run).catch(error => {
				if (!site.signal.aborted)
					throw error;
			});
			return run;
		},

		/** Stops the side of a message; false: there is none. */
		stop(run, messageId) {
			const side = Object.values(run.sides).find(each => each.messageId === messageId);
			if (side?.status === 'pending')
				side.status = 'stopped';
			over(run);
			return Boolean(side);
		},

		/** The lines of a run from its beginning to its end: {kind, text}, as they come. */
		async* lines(run, signal) {
			for (let at = 0; !signal.aborted; at++) {
				while (at === run.log.length) {
					if (run.phase === 'over' || run.phase === 'lost' || signal.aborted)
						return;
					await new Promise(resolve => {
						run.waiting.push(resolve);
						signal.addEventListener('abort', resolve, {once: true});
					});
				}
				yield run.log[at];
			}
		},

		/** The session as its record says it. */
		record(run) {
			const named = run.vote && knobs.reveal === 'record';
			const files = side => side.key
				? [{name: side.key, url: site.bucket.link(side.key), contentType: 'video/mp4'}] : [];
			return {id: run.id, mode: run.mode, modality: 'video', createdAt: new Date(run.createdAt).toISOString(),
				messages: [
					{id: run.userMessageId, role: 'user', content: run.prompt, status: 'success',
						experimental_attachments: run.attachments},
					...Object.entries(run.sides).map(([name, side]) => ({id: side.messageId, role: 'assistant', content: '',
						participantPosition: name, status: side.status, failureReason: side.failureReason ?? null,
						parentMessageIds: [run.userMessageId], evaluationSessionId: run.id,
						modelId: named ? side.model : null, experimental_attachments: files(side)})),
				]};
		},
	};
}
