import type { ChainCall } from '../../../domain/chain-write.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import type { Bench } from './world.ts';

/** What is written at each point of the matrix: every kind of write, and weights by every road. */
export const writeKinds = ['commitment', 'axon', 'plain', 'hash', 'timelock', 'mechanism'] as const;
export type WriteKind = (typeof writeKinds)[number];

export interface Wanted {
  readonly call: ChainCall;
  readonly subnet: { readonly commitReveal: boolean; readonly mechanisms: number };
  readonly timelock: boolean;
  /** The extrinsics that the chain has to hold in the end, each once. */
  readonly extrinsics: readonly string[];
  /** Whether the chain shows the effect. */
  readonly shown: (bench: Bench) => Promise<boolean>;
}

const one = netuid(1);
const bob = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const text = 'ostinato/fault-matrix';
const ip = '127.0.0.2';

const weightsOn = (mecid: number): ChainCall => ({
  kind: 'set_weights',
  netuid: one,
  mecid,
  // Ahead of this chain's blocks, so that nothing counts as set already.
  period: blocks(1_000_000),
  weights: [{ hotkey: bob, weight: 65_535 }],
  versionKey: '0',
});

const weightsShown =
  (mecid: number) =>
  async ({ chain, hotkey: own }: Bench): Promise<boolean> => {
    const uid = await chain.registration(one, own);
    const stored = uid === null ? [] : await chain.weights(one, uid, mecid);
    return stored.length === 1 && stored[0]?.[0] === 1 && stored[0][1] === 65_535;
  };

const weights = (extrinsics: readonly string[], commitReveal: boolean, timelock = true, mecid = 0): Wanted => ({
  call: weightsOn(mecid),
  subnet: { commitReveal, mechanisms: mecid + 1 },
  timelock,
  extrinsics,
  shown: weightsShown(mecid),
});

export const wanted: Readonly<Record<WriteKind, Wanted>> = {
  commitment: {
    call: { kind: 'set_commitment', netuid: one, text },
    subnet: { commitReveal: false, mechanisms: 1 },
    timelock: true,
    extrinsics: ['setCommitment'],
    shown: async ({ chain, hotkey: own }) =>
      (await chain.commitment(one, own, (await chain.head()).hash))?.text === text,
  },
  axon: {
    call: { kind: 'serve_axon', netuid: one, ip, port: 8080, version: 1 },
    subnet: { commitReveal: false, mechanisms: 1 },
    timelock: true,
    extrinsics: ['serveAxon'],
    shown: async ({ chain, hotkey: own }) => (await chain.axon(one, own))?.ip === ip,
  },
  plain: weights(['setWeights'], false),
  hash: weights(['commitWeights', 'revealWeights'], true, false),
  timelock: weights(['commitTimelockedWeights'], true),
  mechanism: weights(['setMechanismWeights'], false, true, 1),
};
