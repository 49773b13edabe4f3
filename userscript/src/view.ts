/** What a panel shows, and what it can have done. */

import type { WireState } from "./connection";
import type { RecorderState } from "./site/index";
import type { EngineState, PaceSettings } from "./types";

/**
 * consent: nothing is done before the human has agreed. pairing: no token yet. standby: another tab
 * of this browser works.
 */
export type Phase = "consent" | "pairing" | "standby" | "working";

export interface View {
	phase: Phase;
	/** What this browser is called at the server. */
	name: string;
	server: string;
	version: string;
	wire: WireState | null;
	engine: EngineState | null;
	recorder: RecorderState;
	/** The server has taken the token back: it has to be paired anew. */
	revoked: boolean;
}

export interface Actions {
	agree(): void;
	/** Rejects with PairingError. */
	pair(code: string, name: string): Promise<void>;
	/** Forgets the token. */
	unpair(): void;
	/** Work in this tab instead of the other. */
	claim(): void;
	/** Connect again after another connection took this worker's place. */
	reconnect(): void;
	pause(paused: boolean): void;
	setPace(pace: PaceSettings): void;
	setDirect(direct: boolean): void;
	record(on: boolean): void;
	recording(): string;
}
