/* In the world of the extension's own scripts, in each page: passes messages between page.js and worker.js. */
(() => {
	const {secret} = globalThis.standinConfig;
	const open = new Set(); // requests that are on their way
	let port;

	const down = message => document.dispatchEvent(new CustomEvent(`${secret}-down`, {detail: JSON.stringify(message)}));

	function connect() {
		port = chrome.runtime.connect();
		port.onMessage.addListener(message => {
			if (message.type === 'finished')
				open.delete(message.id);
			down(message);
		});
		port.onDisconnect.addListener(() => {
			port = undefined;
			for (const id of open)
				down({type: 'finished', id, end: 'error', error: 'the manager was restarted'});
			open.clear();
		});
	}

	function send(message) {
		if (!port)
			connect();
		if (message.type === 'request')
			open.add(message.id);
		port.postMessage(message);
	}

	document.addEventListener(`${secret}-up`, event => send(JSON.parse(event.detail)));
	/* Whichever of the two begins first: page.js says hello again by being asked for it here. */
	send({type: 'hello'});
})();
