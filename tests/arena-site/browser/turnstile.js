/* Stands in for the script of Turnstile: most widgets pass by themselves, some want a person's click. */
(() => {
	const HOST = 'https://challenges.cloudflare.com';
	const widgets = new Map();
	let count = 0;

	const ask = async (path, body) => (await fetch(HOST + path, body && {method: 'POST', body: JSON.stringify(body)})).json();

	function pass(widget, token) {
		widget.response = token;
		widget.options.callback?.(token);
		widget.timer = setTimeout(() => {
			widget.response = undefined;
			widget.options['expired-callback']?.();
		}, widget.lifeMs);
	}

	async function begin(id) {
		const widget = widgets.get(id);
		const {mode, lifeMs} = await ask('/standin/mode');
		widget.lifeMs = lifeMs;
		if (mode === 'interactive') {
			widget.options['before-interactive-callback']?.();
			widget.frame.style.cssText = 'border:0;width:300px;height:65px';
			return;
		}
		const {token, error} = await ask('/standin/token',
			{kind: 'turnstile', key: widget.options.sitekey, action: widget.options.action});
		if (token)
			pass(widget, token);
		else
			widget.options['error-callback']?.(error);
	}

	function render(where, options = {}) {
		const place = typeof where === 'string' ? document.querySelector(where) : where;
		const id = 'cf-chl-widget-' + ++count;
		const frame = document.createElement('iframe');
		frame.title = 'Widget containing a Cloudflare security challenge';
		frame.src = HOST + '/turnstile/v0/frame?k=' + encodeURIComponent(options.sitekey) + '&n=' + id;
		frame.style.cssText = 'border:0;width:0;height:0';
		place.append(frame);
		widgets.set(id, {options, frame});
		if (options.execution !== 'execute')
			begin(id);
		return id;
	}

	function reset(id = [...widgets.keys()].pop()) {
		clearTimeout(widgets.get(id)?.timer);
		begin(id);
	}

	function remove(id) {
		clearTimeout(widgets.get(id)?.timer);
		widgets.get(id)?.frame.remove();
		widgets.delete(id);
	}

	addEventListener('message', event => {
		const {standin, n, token} = event.data ?? {};
		const widget = widgets.get(n);
		if (event.origin !== HOST || standin !== 'turnstile' || !widget || !token)
			return;
		widget.options['after-interactive-callback']?.();
		widget.frame.style.cssText = 'border:0;width:0;height:0';
		pass(widget, token);
	});

	window.turnstile = {render, reset, remove, ready: fn => fn(),
		execute: id => begin(id), getResponse: id => widgets.get(id)?.response,
		isExpired: id => !widgets.get(id)?.response};
})();
