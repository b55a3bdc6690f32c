import type { Hex } from './units.ts';

/** Bittensor's mainnet; its label is a name because operators read it daily. */
const finneyGenesis = '0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03';

/** A chain's short name in ids: `finney`, else the first eight hex digits of its genesis hash. */
export const chainLabel = (genesis: Hex): string =>
  genesis.toLowerCase() === finneyGenesis ? 'finney' : genesis.slice(2, 10).toLowerCase();
