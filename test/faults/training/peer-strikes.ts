import type { PhaseName } from '../../../domain/phases.ts';
import type { Point, Scene, Strike } from './point.ts';
import { heard, point, sometimeIn } from './strikes.ts';

/** Alice's processes and dave's: whoever gives something out, and the one that fetches it. */
const pairs = [
  { server: 'server', fetches: 'dave' },
  { server: 'dave server', fetches: 'validator' },
] as const;
type Pair = (typeof pairs)[number];

/** Far enough into a file of some 800 kB for the other side to have written some of it. */
const fetchedBytes = ({ random }: Scene): number => random.between(100_000, 500_000);

/** Kills one side of a transfer between validators in its middle: the first long one after an event. */
const inTransfer = (at: PhaseName, after: string, { server, fetches }: Pair, killed: 'server' | 'fetches'): Strike => ({
  of: killed === 'server' ? server : fetches,
  at,
  holds: `a transfer from ${server}`,
  beside: async (scene) => {
    const { stack, kill } = scene;
    await heard(scene, { source: fetches, event: after });
    await stack.uploadsOf(server).holdDownload(fetchedBytes(scene));
    await kill(killed === 'server' ? server : fetches);
  },
});

const submission = (killed: 'server' | 'fetches'): readonly Strike[] =>
  pairs.map((pair) => inTransfer('Submission', 'submit_opened', pair, killed));
const gradients = (killed: 'server' | 'fetches'): readonly Strike[] =>
  pairs.map((pair) => inTransfer('Merge', 'submissions_evaluated', pair, killed));

/** The points whose kills come from outside, among several validators. */
export const peerStrikes: readonly Point[] = [
  point('a validator, sometime in Merge', ...['validator', 'dave'].map((of) => sometimeIn('Merge', of))),
  point('a model server, sometime in Merge', ...['server', 'dave server'].map((of) => sometimeIn('Merge', of))),
  point('a validator, fetching a submission', ...submission('fetches')),
  point('a model server, giving out a submission', ...submission('server')),
  point('a validator, fetching a pseudo-gradient', ...gradients('fetches')),
  point('a model server, giving out a pseudo-gradient', ...gradients('server')),
];
