/*
 * A stream's bytes as the knobs want them: whole lines or torn ones, slow, ended early, broken off.
 */

/**
 * Sends a run's lines to an answer. ending: whole | early | cut. Answers how it ended: whole, early,
 * cut, or left (the other side has gone).
 */
export async function sendRun(c, runs, run, ending) {
	const {knobs, pause} = c.site;
	const gone = new AbortController();
	const leave = () => gone.abort();
	c.res.on('close', leave);
	c.site.signal.addEventListener('abort', leave);
	c.res.writeHead(200, {'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache',
		'x-accel-buffering': 'no'});
	c.res.write('');
	run.watchers++;
	const beat = knobs.heartbeatMs && setInterval(() => c.res.write('a2:[{"type":"heartbeat"}]\n'), knobs.heartbeatMs);

	async function write(text) {
		const bytes = Buffer.from(text);
		const step = knobs.piece || bytes.length;
		for (let at = 0; at < bytes.length && !gone.signal.aborted; at += step) {
			c.res.write(bytes.subarray(at, at + step));
			if (knobs.gapMs || knobs.piece)
				await pause(knobs.gapMs || 1);
		}
	}

	try {
		for await (const {kind, text} of runs.lines(run, gone.signal)) {
			if (kind === 'begun' && ending === 'early') {
				c.res.end();
				return 'early';
			}
			if (kind === 'begun' && ending === 'cut') {
				await write('a2:[{"type":"heartb');
				await pause(30); // what was written shall arrive
				c.breakOff();
				return 'cut';
			}
			if (kind !== 'begun')
				await write(`${knobs.dataPrefix ? 'data: ' : ''}${text}\n`);
		}
		if (!gone.signal.aborted)
			c.res.end();
		return gone.signal.aborted ? 'left' : 'whole';
	} finally {
		clearInterval(beat);
		run.watchers--;
		c.site.signal.removeEventListener('abort', leave);
	}
}
