/* The page of the stand-in: a run by hand, from the prompt box to the vote. */
(() => {
	const $ = selector => document.querySelector(selector);
	let offset = 0; // the site's clock less ours
	let current;    // {id, a, b}

	async function call(path, options = {}) {
		const answer = await fetch(path, {credentials: 'include', ...options});
		const date = Date.parse(answer.headers.get('date'));
		if (date)
			offset = date - Date.now();
		return answer;
	}
	const post = (path, body) => call(path, {method: 'POST', headers: {'Content-Type': 'text/plain;charset=UTF-8'},
		body: JSON.stringify(body)});

	function uuid7() {
		const bytes = crypto.getRandomValues(new Uint8Array(16));
		const hex = (Date.now() + offset).toString(16).padStart(12, '0');
		for (let i = 0; i < 6; i++)
			bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
		bytes[6] = bytes[6] & 15 | 0x70;
		bytes[8] = bytes[8] & 63 | 0x80;
		return Array.from(bytes, each => each.toString(16).padStart(2, '0')).join('')
			.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	}

	const siteKey = () => new URL($('script[src*="recaptcha/enterprise.js"]').src).searchParams.get('render');
	const token = action => new Promise((resolve, reject) => grecaptcha.enterprise.ready(() =>
		grecaptcha.enterprise.execute(siteKey(), {action}).then(resolve, reject)));

	function wrong(text) {
		$('#wrong').hidden = !text;
		$('#wrong').textContent = text ?? '';
	}

	/* The person ticks the box; resolves to the token of that. */
	function verified() {
		return new Promise(resolve => {
			$('#verify-box').replaceChildren();
			grecaptcha.enterprise.render($('#verify-box'), {sitekey: siteKey(), callback: value => {
				$('#verify').close();
				resolve(value);
			}});
			$('#verify').showModal();
		});
	}

	async function action(name, args) {
		const answer = await call(location.href, {method: 'POST', body: JSON.stringify(args),
			headers: {'Next-Action': __arenaActions[name], 'Accept': 'text/x-component'}});
		const line = (await answer.text()).split('\n').find(each => each.startsWith('1:'));
		const {success, data, error} = JSON.parse(line.slice(2));
		if (!success)
			throw new Error(error);
		return data;
	}

	async function uploaded(file) {
		const {uploadUrl, key} = await action('generateUploadUrl', [file.name, file.type]);
		const put = await fetch(uploadUrl, {method: 'PUT', body: file, headers: {'Content-Type': file.type}});
		if (!put.ok)
			throw new Error('The image could not be uploaded');
		const {url} = await action('getSignedUrl', [key]);
		return {name: key, contentType: file.type, url};
	}

	function film(side, url) {
		const video = document.createElement('video');
		video.controls = video.muted = true;
		video.src = url;
		$(`[data-side=${side}] .film`).replaceChildren(video);
	}

	const urlIn = item => typeof item === 'string' ? item : item.url ?? item.video ?? item.videoUrl;

	function onLine(line) {
		const match = /^(?:data: )?([ab])([0-9a-z]):(.*)$/.exec(line);
		if (!match)
			return;
		const [, side, code, json] = match;
		const value = JSON.parse(json);
		if (code === '2')
			for (const item of value)
				if (urlIn(item))
					film(side, urlIn(item));
		if (code === '3' || code === 'e' && !value.finishReason)
			$(`[data-side=${side}] .film`).textContent = value.message ?? value;
	}

	async function read(answer) {
		let rest = '';
		for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
			const lines = (rest + text).split('\n');
			rest = lines.pop();
			lines.forEach(onLine);
		}
	}

	function show(prompt) {
		$('#title').hidden = $('#lead').hidden = true;
		$('#talk').hidden = false;
		$('#said').textContent = prompt;
		for (const each of document.querySelectorAll('.film'))
			each.textContent = 'Generating…';
	}

	/* What is there of a session, as its record says; answers whether all is over. */
	async function look(id) {
		const answer = await call(`/api/evaluation/${id}`);
		if (!answer.ok)
			throw new Error((await answer.json()).error);
		const {messages} = await answer.json();
		const [asked, ...sides] = messages;
		show(asked.content);
		current = {id, a: sides[0].id, b: sides[1]?.id};
		for (const {participantPosition, experimental_attachments: [file]} of sides)
			if (file)
				film(participantPosition, file.url);
		return sides.every(each => each.status !== 'pending');
	}

	async function ask(prompt, file) {
		const id = uuid7();
		const body = {id, mode: 'battle', modality: 'video', userMessageId: uuid7(), modelAMessageId: uuid7(),
			modelBMessageId: uuid7(), userMessage: {content: prompt,
				experimental_attachments: file ? [await uploaded(file)] : [], metadata: {}},
			recaptchaV3Token: await token('chat_submit')};
		current = {id, a: body.modelAMessageId, b: body.modelBMessageId};
		let answer = await post('/nextjs-api/stream/create-evaluation', body);
		if (answer.status === 403 && /recaptcha/.test(await answer.clone().text()))
			answer = await post('/nextjs-api/stream/create-evaluation',
				{...body, id: current.id = uuid7(), recaptchaV3Token: undefined, recaptchaV2Token: await verified()});
		if (!answer.ok)
			throw new Error(await answer.json().then(({error, message}) => error ?? message, () => `Error ${answer.status}`));
		history.pushState({}, '', `/c/${current.id}`);
		show(prompt);
		await read(answer);
		while (!await look(current.id))
			await new Promise(resolve => setTimeout(resolve, 500));
		$('#votes').hidden = false;
	}

	async function vote(value) {
		const answer = await post('/api/vote', {value, messageAId: current.a, messageBId: current.b,
			evaluationSessionId: current.id, recaptchaV3Token: await token('vote')});
		if (!answer.ok)
			throw new Error((await answer.json()).error);
		$('#votes').hidden = true;
	}

	/* A visitor becomes a guest by what Turnstile says. */
	const signUp = () => new Promise((resolve, reject) => turnstile.render('#turnstile', {
		sitekey: $('#turnstile').dataset.sitekey,
		callback: async turnstileToken => resolve(await post('/nextjs-api/sign-up', {turnstileToken})),
		'error-callback': code => reject(new Error(`The check failed: ${code}`)),
	}));

	async function who() {
		const answer = await call('/api/me');
		$('#login').hidden = answer.ok;
		$('#who').hidden = !answer.ok;
		if (answer.ok)
			$('#who').textContent = (await answer.json()).email ?? 'Guest';
		return answer.ok;
	}

	const told = promise => promise.catch(error => wrong(error.message));

	$('#ask').addEventListener('submit', event => {
		event.preventDefault();
		wrong();
		told((async () => {
			if (!await who() && (await signUp()).ok)
				await who();
			await ask($('#prompt').value, $('#image').files[0]);
		})());
	});
	$('#image').addEventListener('change', () => $('#picked').textContent = $('#image').files[0]?.name ?? '');
	$('#login').addEventListener('click', async () => {
		await post('/nextjs-api/log-in', {});
		await who();
	});
	$('#votes').addEventListener('click', event => event.target.dataset.vote && told(vote(event.target.dataset.vote)));

	void who();
	const session = /^\/c\/(.+)/.exec(location.pathname)?.[1];
	if (session)
		told(look(session).then(() => $('#votes').hidden = false));
})();
