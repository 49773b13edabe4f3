/*
 * The extension's service worker: keeps the script's values, and makes the requests that a page may
 * not make: they are exempt from the page's policy and from Local Network Access, and carry no Origin.
 */
importScripts('config.js');

const {connects, values} = globalThis.standinConfig;
const ports = new Set();
const open = new Map(); // `port id` -> AbortController
let chain = keepFirst();

/* What is there from the beginning; what the script has kept since is above it. */
async function keepFirst() {
	await chrome.storage.local.set({...values, ...await chrome.storage.local.get(null)});
}

chrome.declarativeNetRequest.updateSessionRules({removeRuleIds: [1], addRules: [{id: 1, priority: 1,
	action: {type: 'modifyHeaders', requestHeaders: [{header: 'origin', operation: 'remove'}]},
	condition: {tabIds: [chrome.tabs.TAB_ID_NONE]}}]});

/* A service worker that does nothing for 30 s is ended; one that waits for an answer shall not be. */
setInterval(() => open.size && chrome.runtime.getPlatformInfo(), 10_000);

const allowed = host => connects.some(each => each === '*' || host === each || host.endsWith(`.${each}`));

function toBase64(bytes) {
	let text = '';
	for (let at = 0; at < bytes.length; at += 0x8000)
		text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
	return btoa(text);
}

async function fetched({method, url, headers, body, anonymous}, signal) {
	const all = new Headers(headers);
	if (body?.type && !all.has('content-type'))
		all.set('content-type', body.type);
	const answer = await fetch(url, {method, headers: all, signal, credentials: anonymous ? 'omit' : 'include',
		body: body && Uint8Array.from(atob(body.base64), each => each.charCodeAt(0))});
	const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}\r\n`);
	return {status: answer.status, statusText: answer.statusText, finalUrl: answer.url, headers: lines.join(''),
		base64: toBase64(new Uint8Array(await answer.arrayBuffer()))};
}

async function request(port, message) {
	const {id, url, timeout} = message;
	const tell = rest => ports.has(port) && port.postMessage({type: 'finished', id, ...rest});
	if (!allowed(new URL(url).hostname))
		return tell({end: 'error', error: `${new URL(url).hostname} is not in @connect`});
	const abort = new AbortController();
	const name = `${port.number} ${id}`;
	const timer = timeout && setTimeout(() => abort.abort('timeout'), timeout);
	open.set(name, abort);
	try {
		return tell({end: 'load', answer: await fetched(message, abort.signal)});
	} catch (error) {
		return tell({end: abort.signal.aborted ? abort.signal.reason : 'error', error: String(error)});
	} finally {
		clearTimeout(timer);
		open.delete(name);
	}
}

/* One after the other, so that every tab hears of changes in the same order. */
const inOrder = step => void (chain = chain.then(step));

async function set(from, {key, value}) {
	const old = (await chrome.storage.local.get(key))[key];
	if (value === undefined)
		await chrome.storage.local.remove(key);
	else
		await chrome.storage.local.set({[key]: value});
	if (JSON.stringify(old) === JSON.stringify(value))
		return;
	for (const port of ports)
		port.postMessage({type: 'changed', key, old, value, remote: port !== from});
}

const handlers = {
	hello: port => inOrder(async () => port.postMessage({type: 'ready', values: await chrome.storage.local.get(null)})),
	set: (port, message) => inOrder(() => set(port, message)),
	request,
	abort: (port, {id}) => open.get(`${port.number} ${id}`)?.abort('abort'),
};

let last = 0;
chrome.runtime.onConnect.addListener(port => {
	port.number = ++last;
	ports.add(port);
	port.onMessage.addListener(message => handlers[message.type](port, message));
	port.onDisconnect.addListener(() => {
		ports.delete(port);
		for (const [name, abort] of open)
			if (name.startsWith(`${port.number} `))
				abort.abort('abort');
	});
});
