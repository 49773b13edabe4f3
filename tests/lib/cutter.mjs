/*
 * A network that fails at the worst moment: a TCP proxy before the stack that cuts the client off
 * after the server has taken its request.
 */
import net from 'node:net';

/**
 * Listens until the test t ends; a number of requests is cut, those after them go through:
 *   'answered'  the server answers, and the client hears nothing of it
 *   'sent'      the whole request has gone to the server, which may not have answered yet
 * proxy.cut says how many were cut; proxy.arm(count, when) begins anew.
 */
export async function cutter(t, stack) {
	const proxy = {cut: 0, left: 0, when: 'answered'};
	const open = new Set();

	const server = net.createServer(client => {
		const upstream = net.connect(stack.port, '127.0.0.1');
		let request = Buffer.alloc(0);
		let done = false;
		open.add(client).add(upstream);
		for (const each of [client, upstream])
			each.on('error', () => {}).on('close', () => open.delete(each));
		client.on('close', () => done || upstream.destroy());
		upstream.on('close', () => client.destroy());

		/* The client is gone; the server's side stays until it has had its say. */
		const cut = () => {
			done = true;
			proxy.left--;
			proxy.cut++;
			client.resetAndDestroy();
			upstream.on('data', () => {});
			upstream.end();
		};
		client.on('data', chunk => {
			if (done)
				return;
			upstream.write(chunk);
			request = Buffer.concat([request, chunk]);
			if (whole(request)) {
				request = Buffer.alloc(0);
				if (proxy.left > 0 && proxy.when === 'sent')
					/* what was written must have left before the end does */
					upstream.write('', () => setImmediate(cut));
			}
		});
		upstream.on('data', chunk => {
			if (done)
				return;
			if (proxy.left > 0 && proxy.when === 'answered')
				cut();
			else
				client.write(chunk);
		});
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	t.after(() => {
		for (const each of open)
			each.destroy();
		return new Promise(resolve => server.close(resolve));
	});

	proxy.url = `http://127.0.0.1:${server.address().port}`;
	proxy.arm = (count, when = 'answered') => Object.assign(proxy, {cut: 0, left: count, when});
	return proxy;
}

/* Is this a request to its end? By Content-Length, or the last chunk. */
function whole(bytes) {
	const end = bytes.indexOf('\r\n\r\n');
	if (end < 0)
		return false;
	const head = bytes.subarray(0, end).toString('latin1');
	if (/^transfer-encoding: *chunked/im.test(head))
		return bytes.subarray(-5).equals(Buffer.from('0\r\n\r\n'));
	const length = Number(head.match(/^content-length: *(\d+)/im)?.[1] ?? 0);
	return bytes.length >= end + 4 + length;
}
