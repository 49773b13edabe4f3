/*
 * In the page's world, before the userscript: its GM_ functions. They talk with relay.js by events of
 * the document whose names hold a secret; details are JSON, for nothing else passes between worlds as it is.
 *
 * standinManager(config, run): config as install.mjs writes it; run(gm) is the userscript.
 */
function standinManager({secret, grants, info}, run) {
	const up = `${secret}-up`;
	const down = `${secret}-down`;
	const listeners = new Map(); // id -> {key, fn}
	const requests = new Map();  // id -> details
	const menu = new Map();      // id -> {name, fn}
	const queue = [];
	let values;
	let ready = false;
	let last = 0;

	const copy = value => value === undefined ? undefined : JSON.parse(JSON.stringify(value));
	const emit = message => document.dispatchEvent(new CustomEvent(up, {detail: JSON.stringify(message)}));
	const send = message => ready ? emit(message) : queue.push(message);

	const toBase64 = bytes => {
		let text = '';
		for (let at = 0; at < bytes.length; at += 0x8000)
			text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
		return btoa(text);
	};
	const fromBase64 = text => Uint8Array.from(atob(text), each => each.charCodeAt(0));

	/* As managers do: an ArrayBuffer goes out as the words "[object ArrayBuffer]". */
	async function bodyOf(data) {
		if (data === undefined || data === null)
			return undefined;
		const blob = data instanceof Blob || ArrayBuffer.isView(data) || data instanceof URLSearchParams
			? data : String(data);
		const request = new Response(blob);
		return {base64: toBase64(new Uint8Array(await request.arrayBuffer())),
			type: request.headers.get('content-type') ?? ''};
	}

	function answerOf(details, {status, statusText, headers, finalUrl, base64}) {
		const bytes = fromBase64(base64);
		const text = new TextDecoder().decode(bytes);
		const shapes = {blob: () => new Blob([bytes]), arraybuffer: () => bytes.buffer, json: () => JSON.parse(text)};
		return {status, statusText, responseHeaders: headers, finalUrl, readyState: 4,
			response: (shapes[details.responseType] ?? (() => text))(),
			responseText: ['blob', 'arraybuffer'].includes(details.responseType) ? undefined : text};
	}

	function xmlHttpRequest(details) {
		const id = ++last;
		requests.set(id, details);
		bodyOf(details.data).then(body => send({type: 'request', id, method: details.method ?? 'GET',
			url: new URL(details.url, location.href).href, headers: details.headers ?? {}, body,
			timeout: details.timeout, anonymous: details.anonymous}));
		return {abort: () => send({type: 'abort', id})};
	}

	function finished({id, end, answer, error}) {
		const details = requests.get(id);
		if (!details)
			return;
		requests.delete(id);
		const response = end === 'load' ? answerOf(details, answer)
			: {status: 0, statusText: '', readyState: 4, error, responseHeaders: '', finalUrl: ''};
		details.onreadystatechange?.(response);
		details[`on${end}`]?.(response);
		details.onloadend?.(response);
	}

	function changed({key, old, value, remote}) {
		if (remote && value === undefined)
			delete values[key];
		else if (remote)
			values[key] = value;
		for (const each of listeners.values())
			if (each.key === key)
				each.fn(key, old, copy(value), remote);
	}

	const gm = {
		GM_info: info,
		GM_getValue: (key, otherwise) => key in values ? copy(values[key]) : otherwise,
		GM_setValue(key, value) {
			values[key] = copy(value);
			send({type: 'set', key, value});
		},
		GM_deleteValue(key) {
			delete values[key];
			send({type: 'set', key});
		},
		GM_listValues: () => Object.keys(values),
		GM_addValueChangeListener(key, fn) {
			listeners.set(++last, {key, fn});
			return last;
		},
		GM_removeValueChangeListener: id => void listeners.delete(id),
		GM_xmlhttpRequest: xmlHttpRequest,
		GM_registerMenuCommand(name, fn) {
			menu.set(++last, {name, fn});
			return last;
		},
		GM_unregisterMenuCommand: id => void menu.delete(id),
		GM_addStyle: text => document.head.append(Object.assign(document.createElement('style'), {textContent: text})),
	};
	const later = name => (...args) => Promise.resolve(gm[name](...args));
	const GM = {info, getValue: later('GM_getValue'), setValue: later('GM_setValue'),
		deleteValue: later('GM_deleteValue'), listValues: later('GM_listValues'),
		addValueChangeListener: later('GM_addValueChangeListener'),
		removeValueChangeListener: later('GM_removeValueChangeListener'),
		registerMenuCommand: later('GM_registerMenuCommand'),
		xmlHttpRequest(details) {
			let handle;
			const promise = new Promise((resolve, reject) => {
				const ends = {onload: resolve, onerror: reject, ontimeout: reject, onabort: reject};
				handle = xmlHttpRequest({...details, ...Object.fromEntries(Object.entries(ends).map(([name, end]) =>
					[name, response => (details[name]?.(response), end(response))]))});
			});
			return Object.assign(promise, {abort: handle.abort});
		}};

	/* Only what the script asked for with @grant. */
	const granted = name => name === 'info' || grants.includes(`GM.${name}`);
	const only = {GM_info: info, unsafeWindow: window,
		...Object.fromEntries(Object.entries(gm).filter(([name]) => grants.includes(name))),
		GM: Object.fromEntries(Object.entries(GM).filter(([name]) => granted(name)))};

	const handlers = {
		ready(message) {
			if (ready)
				return;
			ready = true;
			values = message.values;
			for (const each of queue.splice(0))
				emit(each);
			run(only);
		},
		finished,
		changed,
		menu: ({name}) => [...menu.values()].find(each => each.name === name)?.fn(),
	};
	document.addEventListener(down, event => {
		const message = JSON.parse(event.detail);
		handlers[message.type](message);
	});
	emit({type: 'hello'});
}
