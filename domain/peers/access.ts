import type { Blocks, Hotkey } from '../units.ts';

/** Who asks whom, proven by a signature over the download message (target's key and block). */
export interface PeerAccess {
  readonly url: string;
  readonly target: Hotkey;
  readonly origin: Hotkey;
  readonly block: Blocks;
  readonly signature: string;
}
