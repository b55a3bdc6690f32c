/**
 * Branded units. A block number, a duration and an amount are all numbers to the machine; the brands keep one from
 * being passed for another. They cost nothing at run time and survive JSON.
 */
declare const unit: unique symbol;
type Branded<T, U extends string> = T & { readonly [unit]: U };

/** A block number of a chain, or a distance in blocks. */
export type Blocks = Branded<number, 'blocks'>;
/** A duration in milliseconds. */
export type Milliseconds = Branded<number, 'milliseconds'>;
/** A size in bytes. */
export type Bytes = Branded<number, 'bytes'>;
/** An amount in rao: 1 TAO = 10^9 rao. */
export type Rao = Branded<bigint, 'rao'>;
/** A neuron's index within one subnet. It changes hands: key anything that lasts by hotkey. */
export type Uid = Branded<number, 'uid'>;
/** The SS58 address of a hotkey (prefix 42). */
export type Hotkey = Branded<string, 'hotkey'>;
/** A subnet's number. */
export type Netuid = Branded<number, 'netuid'>;
/** Lower-case hex with `0x`: a block hash, an extrinsic hash or SCALE bytes. */
export type Hex = `0x${string}`;

export const blocks = (value: number): Blocks => value as Blocks;
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const bytes = (value: number): Bytes => value as Bytes;
export const rao = (value: bigint): Rao => value as Rao;
export const uid = (value: number): Uid => value as Uid;
export const hotkey = (value: string): Hotkey => value as Hotkey;
export const netuid = (value: number): Netuid => value as Netuid;
