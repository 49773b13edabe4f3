/*
 * A worker's connection over plain HTTP that looks like a WebSocket of `ws`, written from
 * proto/WORKER.md ("Over plain HTTP"). What got no answer is sent again as it was.
 */
import {EventEmitter} from 'node:events';

import {pause} from './wait.mjs';

const TRIES = 300;
const PAUSE_MS = 100;
const codes = {401: 4001, 503: 1013, 429: 1013};

export class PollingSocket extends EventEmitter {
	readyState = 0;
	#base;
	#headers;
	#session;
	#seq = 0;
	#waiting = [];
	#pushing = false;
	#life = new AbortController();

	constructor(url, token) {
		super();
		this.#base = `${url}/worker`;
		this.#headers = {authorization: `Bearer ${token}`};
		this.#run().catch(error => this.#end(1006, error.message));
	}

	get session() {
		return this.#session;
	}

	#end(code, reason) {
		if (this.readyState === 3)
			return;
		this.readyState = 3;
		this.#life.abort();
		this.emit('close', code, Buffer.from(reason));
	}

	/** The answer's JSON; throws when the session is over. */
	async #ask(path, body, tries = TRIES) {
		for (let n = 1; ; n++) {
			let answer;
			try {
				answer = await fetch(`${this.#base}/${path}`,
					{method: 'POST', headers: this.#headers, body, signal: this.#life.signal});
				if (answer.status < 500 || answer.status === 503 && path === 'open')
					return {status: answer.status, ...await answer.json()};
			} catch (error) {
				if (this.#life.signal.aborted || n === tries)
					throw error;
			}
			if (n === tries)
				throw new Error(`${path} answered ${answer.status}`);
			await pause(PAUSE_MS);
		}
	}

	async #asked(path, body) {
		const answer = await this.#ask(path, body);
		if (answer.status === 200)
			return answer;
		this.#end(codes[answer.status] ?? 1006, answer.error.message);
		throw new Error(answer.error.message);
	}

	async #run() {
		const {session} = await this.#asked('open');
		this.#session = session;
		this.readyState = 1;
		this.emit('open');
		for (let ack = 0; this.readyState === 1;) {
			const {seq, frames} = await this.#asked(`poll?session=${session}&ack=${ack}`);
			ack = seq;
			for (const frame of frames)
				this.emit('message', Buffer.from(JSON.stringify(frame)), false);
		}
	}

	async #push() {
		if (this.#pushing)
			return;
		this.#pushing = true;
		while (this.#waiting.length && this.readyState === 1)
			await this.#asked(`push?session=${this.#session}&seq=${++this.#seq}`,
				`[${this.#waiting.splice(0).join()}]`).catch(error => this.#end(1006, error.message));
		this.#pushing = false;
	}

	send(text) {
		this.#waiting.push(text);
		void this.#push();
	}

	/** A part of an upload; answers how much of it is there then. */
	async upload({job, upload}, offset, bytes) {
		const {offset: at} = await this.#asked(
			`upload?session=${this.#session}&job=${job}&upload=${upload}&offset=${offset}`, bytes);
		return at;
	}

	terminate() {
		this.#end(1006, 'dropped');
	}

	close(code) {
		void fetch(`${this.#base}/close?session=${this.#session}`, {method: 'POST', headers: this.#headers}).catch(() => {});
		this.#end(code, '');
	}
}
