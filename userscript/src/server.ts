/** Where the script came from: its gateway writes these in as it serves the file. */

export const SERVER = "@@SERVER@@";
export const VERSION = "@@VERSION@@";

/** The address of the workers' socket: http becomes ws, https wss. */
export function socketUrl(server: string): string {
	return `${server.replace(/^http/, "ws")}/ws`;
}
