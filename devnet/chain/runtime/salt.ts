import type { Hex } from '../../../domain/units.ts';

/** Where the salt lies: a key of no pallet, which makes this chain's genesis, and its beacon, its own. */
export const SALT_KEY: Hex = `0x${Buffer.from(':ostinato:salt').toString('hex')}`;
