import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { checkReveal, commitWeights, type Reveal, revealWeights } from '../commit-reveal/hash-commit.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { ensureStake, passesRateLimit } from '../weights/gates.ts';
import { type Mechanism, storageIndex } from '../weights/mechanism.ts';
import { eachOnItsOwn } from './weights.ts';

const free = { paysFee: false, refTime: 40_000_000n } as const;

/** The pool's checks of a commit: stake, and the rate limit of a registered signer. */
function checkCommit({ state, block, origin }: Context, mechanism: Mechanism): void {
  if (origin.kind !== 'signed') return;
  ensureStake(state, origin.who, mechanism.netuid);
  const uid = state.get(neurons.uids, mechanism.netuid, origin.who);
  if (uid !== null && !passesRateLimit(state, mechanism, uid, block)) throw refusal(errors.CommittingWeightsTooFast);
}

function checkRevealCall({ state, block, origin }: Context, args: Mechanism & Reveal): void {
  if (origin.kind !== 'signed') return;
  ensureStake(state, origin.who, args.netuid);
  checkReveal(state, origin.who, block, args, args);
}

function reveal(context: Context, args: Mechanism & Reveal): void {
  const who = signer(context);
  const hashes = revealWeights(context.state, who, context.block, args, [args], 'later');
  for (const hash of hashes) context.state.emit(events.weightsRevealed, { 0: who, 1: storageIndex(args), 2: hash });
}

const commit = (context: Context, args: Mechanism & { readonly commit_hash: `0x${string}` }): void =>
  commitWeights(context.state, signer(context), context.block, args, args.commit_hash);

interface RevealLists {
  readonly netuid: number;
  readonly uids_list: readonly (readonly number[])[];
  readonly values_list: readonly (readonly number[])[];
  readonly salts_list: readonly (readonly number[])[];
  readonly version_keys: readonly bigint[];
}

function ensureEqualLengths({ uids_list, values_list, salts_list, version_keys }: RevealLists): void {
  const lengths = new Set([uids_list.length, values_list.length, salts_list.length, version_keys.length]);
  if (lengths.size > 1) throw refusal(errors.InputLengthsUnequal);
}

const revealsOf = ({ uids_list, values_list, salts_list, version_keys }: RevealLists): readonly Reveal[] =>
  uids_list.map((uids, at) => ({
    uids,
    values: values_list[at] ?? [],
    salt: salts_list[at] ?? [],
    version_key: version_keys[at] ?? 0n,
  }));

export const commitRevealHandlers: readonly Handler[] = [
  handler(subtensorCalls.commitWeights, {
    ...free,
    check: (context, { netuid }) => checkCommit(context, { netuid, mecid: 0 }),
    run: (context, args) => commit(context, { ...args, mecid: 0 }),
  }),
  handler(subtensorCalls.commitMechanismWeights, { ...free, check: checkCommit, run: commit }),
  handler(subtensorCalls.revealWeights, {
    ...free,
    check: (context, args) => checkRevealCall(context, { ...args, mecid: 0 }),
    run: (context, args) => reveal(context, { ...args, mecid: 0 }),
  }),
  handler(subtensorCalls.revealMechanismWeights, { ...free, check: checkRevealCall, run: reveal }),
  handler(subtensorCalls.batchCommitWeights, {
    ...free,
    check: ({ state, origin }, { netuids, commit_hashes: hashes }) => {
      if (netuids.length !== hashes.length) throw refusal(errors.InputLengthsUnequal);
      if (origin.kind !== 'signed') return;
      for (const netuid of netuids) ensureStake(state, origin.who, netuid);
    },
    run: (context, { netuids, commit_hashes: hashes }) => {
      const who = signer(context);
      eachOnItsOwn(context.state, who, netuids, (state, netuid, at) => {
        const hash = hashes[at];
        if (hash !== undefined) commitWeights(state, who, context.block, { netuid, mecid: 0 }, hash);
      });
    },
  }),
  handler(subtensorCalls.batchRevealWeights, {
    ...free,
    check: ({ state, block, origin }, args) => {
      ensureEqualLengths(args);
      if (origin.kind !== 'signed') return;
      ensureStake(state, origin.who, args.netuid);
      for (const each of revealsOf(args))
        checkReveal(state, origin.who, block, { netuid: args.netuid, mecid: 0 }, each);
    },
    run: (context, args) => {
      ensureEqualLengths(args);
      const who = signer(context);
      const mechanism = { netuid: args.netuid, mecid: 0 };
      const hashes = revealWeights(context.state, who, context.block, mechanism, revealsOf(args), 'others');
      context.state.emit(events.weightsBatchRevealed, { 0: who, 1: args.netuid, 2: hashes });
    },
  }),
];
