/* Server-sent events of an answer of fetch(), as they come. */

/** for await (const {event, data} of eventsOf(answer)): data is JSON, or text when it is none. */
export async function* eventsOf(answer) {
	let rest = '';
	for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
		const blocks = (rest + chunk).split('\n\n');
		rest = blocks.pop();
		for (const block of blocks) {
			const fields = {};
			for (const line of block.split('\n')) {
				const at = line.indexOf(':');
				if (at > 0)
					fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
			}
			if (fields.data !== undefined)
				yield {...fields, data: /^[[{]"/.test(fields.data) || fields.data === '{}'
					? JSON.parse(fields.data) : fields.data};
		}
	}
}

/** Reads on until what came matches; an end before that is an error. */
export async function readUntil(reader, pattern) {
	for (let text = ''; !pattern.test(text);) {
		const {value, done} = await reader.read();
		if (done)
			throw new Error(`the stream ended before ${pattern}: ${text}`);
		text += value;
	}
}
