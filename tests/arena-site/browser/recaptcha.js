/* Stands in for the script of reCAPTCHA Enterprise: execute() for a silent token, render() for a box to tick. */
(() => {
	const HOST = 'https://www.google.com';
	const renderKey = new URL(document.currentScript.src).searchParams.get('render');
	const widgets = [];

	async function execute(key, {action} = {}) {
		if (key !== renderKey)
			throw new Error('Invalid site key or not loaded in api.js: ' + key);
		const answer = await fetch(HOST + '/standin/token',
			{method: 'POST', body: JSON.stringify({kind: 'v3', key, action})});
		const {token, error} = await answer.json();
		if (!token)
			throw new Error(error);
		return token;
	}

	function render(where, {sitekey, callback}) {
		const place = typeof where === 'string' ? document.getElementById(where) : where;
		const n = widgets.push({callback, response: ''}) - 1;
		const frame = document.createElement('iframe');
		frame.title = 'reCAPTCHA';
		frame.src = HOST + '/recaptcha/enterprise/anchor?k=' + encodeURIComponent(sitekey || renderKey) + '&n=' + n;
		frame.width = 304;
		frame.height = 78;
		frame.style.border = '0';
		place.append(frame);
		return n;
	}

	addEventListener('message', event => {
		const {standin, n, token} = event.data ?? {};
		if (event.origin !== HOST || standin !== 'v2' || !token)
			return;
		widgets[n].response = token;
		widgets[n].callback?.(token);
	});

	window.grecaptcha = {enterprise: {
		ready: fn => queueMicrotask(fn),
		execute,
		render,
		getResponse: (n = 0) => widgets[n]?.response ?? '',
		reset: (n = 0) => void (widgets[n] && (widgets[n].response = '')),
	}};
})();
