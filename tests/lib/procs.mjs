/*
 * The process table, by /proc: which processes belong to a stack, which live, what they are.
 */
import fs from 'node:fs';

const read = path => {
	try {
		return fs.readFileSync(path, 'latin1');
	} catch {
		return '';
	}
};

const all = () => fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number);

/** Is it there, and not merely waiting to be reaped? */
export function alive(pid) {
	const stat = read(`/proc/${pid}/stat`);
	return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

/** "arena-jobs --flag": for messages. */
export const commandOf = pid => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

export function childrenOf(pid) {
	return all().filter(each => {
		const stat = read(`/proc/${each}/stat`);
		return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
	});
}

/** pid and all below it. */
export function treeOf(pid) {
	return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** Living processes that were started with name=value in their environment. */
export function withEnv(name, value) {
	const wanted = `${name}=${value}`;
	return all().filter(pid => pid !== process.pid &&
		read(`/proc/${pid}/environ`).split('\0').includes(wanted) && alive(pid));
}

/** The name of the program that runs: "arena-sandbox-clip". */
export function programOf(pid) {
	try {
		return fs.readlinkSync(`/proc/${pid}/exe`).split('/').pop();
	} catch {
		return '';
	}
}
