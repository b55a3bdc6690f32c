import type { Signer } from '../../../adapters/wallet/signer.ts';
import { maxUpscale } from '../../../domain/signed-write.ts';
import type { CheckGroup } from '../check.ts';
import type { RefusalName } from '../refusals/expected.ts';
import { judge, lineName } from '../refusals/judge.ts';
import { needsRoot, type Stage, stageOf } from '../refusals/round.ts';
import { type Attempt, call, mustSend, send } from '../send.ts';
import { storedValue } from '../state.ts';
import { absent, expectEqual, expectThat, type Result, verdictOf } from '../verdict.ts';
import { type WeightCommit, weightCommitHash } from '../weight-commit.ts';

/** Long enough for a commit and a block of refusals within one epoch, short enough to wait for two of them. */
const tempo = 4;
const roomBlocks = 4;
const maximumCommits = 10;

const revealed = 'commit-reveal: a hash commit is stored, revealed in its epoch, and the weights are there';
const refusals = [
  'CommitRevealEnabled',
  'NoWeightsCommitFound',
  'CommittingWeightsTooFast',
  'TooManyUnrevealedCommits',
  'RevealTooEarly',
  'InvalidRevealCommitHashNotMatch',
] as const satisfies readonly RefusalName[];
const late = ['ExpiredWeightCommit', 'ExpiredWeightCommit (pool)'] as const satisfies readonly RefusalName[];

const commitOf = (stage: Stage, { hotkey }: Signer, salt: number): WeightCommit => ({
  hotkey,
  index: stage.netuid,
  uids: [1, 2, 3],
  values: [10, 20, 30],
  salt: [salt, 22, 33, 44],
  versionKey: 0,
});

const commitAttempt = (stage: Stage, signer: Signer, salt: number): Attempt => {
  const hash = weightCommitHash(stage.client.runtime.registry, commitOf(stage, signer, salt));
  return { signer, method: call(stage, 'SubtensorModule', 'commit_weights', stage.netuid, hash) };
};

const revealAttempt = (stage: Stage, signer: Signer, salt: number): Attempt => {
  const { uids, values, versionKey, ...commit } = commitOf(stage, signer, salt);
  const { netuid } = stage;
  return {
    signer,
    method: call(stage, 'SubtensorModule', 'reveal_weights', netuid, uids, values, commit.salt, versionKey),
  };
};

/** The commits that the chain holds of a hotkey: hash and three numbers each. */
async function commitsOf(stage: Stage, hotkey: string): Promise<readonly (readonly unknown[])[]> {
  const commits = (await storedValue(stage, 'SubtensorModule', 'WeightCommits', [stage.netuid, hotkey]))?.toJSON();
  return Array.isArray(commits) ? commits.filter((commit) => Array.isArray(commit)) : [];
}

/** As many commits of a hotkey as the chain keeps of one; sending each would take a real runtime seconds. */
async function fillCommits(stage: Stage, signer: Signer): Promise<void> {
  const { client, netuid, staged } = stage;
  const { number } = await client.head();
  const window = windowOf(stage, await client.epochIndex(netuid), number);
  const hashOf = (salt: number) => weightCommitHash(client.runtime.registry, commitOf(stage, signer, salt));
  const value = Array.from({ length: maximumCommits }, (_, salt) => [hashOf(salt), ...window]);
  await staged.set([{ item: 'WeightCommits', keys: [netuid, signer.hotkey], value }]);
  expectEqual((await commitsOf(stage, signer.hotkey)).length, maximumCommits, 'the number of commits');
}

/** Lets blocks pass until the head is in epoch `index`. */
async function untilEpoch({ client, netuid, advance }: Stage, index: number): Promise<void> {
  while ((await client.epochIndex(netuid)) < index) await advance();
}

/** Lets blocks pass until the epoch has room for what is to happen in it. */
async function untilRoom({ client, netuid, advance }: Stage): Promise<void> {
  for (;;) {
    const { number } = await client.head();
    const next = await client.nextEpochStart(netuid);
    if (next !== null && next - number >= roomBlocks) return;
    await advance();
  }
}

async function run(stage: Stage): Promise<readonly Result[]> {
  const { client, netuid, staged, writer } = stage;
  const { validator } = writer;
  const before = await client.snapshot(netuid);
  await staged.set([
    { item: 'CommitRevealWeightsEnabled', value: true },
    { item: 'RevealPeriodEpochs', value: 1 },
    { item: 'Tempo', value: tempo },
  ]);
  const results: Result[] = [];
  const [enabled, nothing] = await send(stage, [
    {
      signer: validator,
      method: call(stage, 'SubtensorModule', 'set_weights', netuid, [1, 2, 3], [1, 1, 1], 0),
    },
    revealAttempt(stage, validator, 1),
  ]);
  results.push(judge(stage, 'CommitRevealEnabled', enabled ?? { kind: 'lost' }));
  results.push(judge(stage, 'NoWeightsCommitFound', nothing ?? { kind: 'lost' }));

  await fillCommits(stage, staged.second);
  await untilRoom(stage);
  const committed = await send(stage, [
    commitAttempt(stage, validator, 1),
    commitAttempt(stage, validator, 2),
    commitAttempt(stage, staged.second, maximumCommits),
  ]);
  const first = committed[0];
  if (first?.kind !== 'included') throw new Error('the commit was refused');
  results.push(judge(stage, 'TooManyUnrevealedCommits', committed.at(-1) ?? { kind: 'lost' }));
  const index = await client.epochIndex(netuid, first.block.hash);
  const stored = await commitsOf(stage, validator.hotkey);
  const { registry } = client.runtime;
  expectEqual(
    stored.map(([hash]) => hash),
    [1, 2].map((salt) => weightCommitHash(registry, commitOf(stage, validator, salt))),
    'the commits',
  );
  expectEqual(stored[0]?.slice(1), windowOf(stage, index, first.block.number), 'the window of the commit');

  await staged.set([{ item: 'WeightsSetRateLimit', value: 1_000 }]);
  const [tooFast, early, other] = await send(stage, [
    commitAttempt(stage, validator, 3),
    revealAttempt(stage, validator, 1),
    revealAttempt(stage, validator, 9),
  ]);
  results.push(judge(stage, 'CommittingWeightsTooFast', tooFast ?? { kind: 'lost' }));
  results.push(judge(stage, 'RevealTooEarly', early ?? { kind: 'lost' }));
  results.push(judge(stage, 'InvalidRevealCommitHashNotMatch', other ?? { kind: 'lost' }));
  await staged.set([{ item: 'WeightsSetRateLimit', value: 0 }]);

  await untilEpoch(stage, index + 1);
  results.push(await revealCheck(stage, validator, first.block.number));
  await untilEpoch(stage, index + 2);
  const [expired] = await send(stage, [revealAttempt(stage, validator, 2)]);
  const [inBlock, inPool] = late;
  const pooled = client.capabilities.poolCodes === 'current';
  results.push(judge(stage, pooled ? inPool : inBlock, expired ?? { kind: 'lost' }));
  const reason = pooled ? 'its pool refuses reveals' : 'its pool takes reveals as they come';
  results.push({ name: lineName(pooled ? inBlock : inPool), verdict: verdictOf(absent(reason)) });
  await staged.set([
    { item: 'CommitRevealWeightsEnabled', value: false },
    { item: 'Tempo', value: before.tempo },
  ]);
  return results;
}

/** What stands behind a commit's hash: by the block where epochs follow from it, else by the epoch's number. */
function windowOf({ client, netuid }: Stage, index: number, block: number): readonly number[] {
  if (client.capabilities.epochs === 'stateful') return [index, block, 0];
  const start = (index + 1) * (tempo + 1) - (netuid + 1);
  return [block, start, start + tempo];
}

async function revealCheck(stage: Stage, validator: Signer, committedAt: number): Promise<Result> {
  const { client, netuid } = stage;
  try {
    const own = await client.registration(netuid, validator.hotkey);
    if (own === null) throw new Error('the validator has no uid');
    const { uids, values } = commitOf(stage, validator, 1);
    const { hash } = await mustSend(stage, [revealAttempt(stage, validator, 1)]);
    const scaled = maxUpscale(values);
    const expected = uids.map((uid, at) => [uid, scaled[at]]);
    expectEqual(await client.weights(netuid, own, 0, hash), expected, 'the weights');
    expectEqual(await client.lastUpdate(netuid, own, 0, hash), committedAt, 'the last update, that of the commit,');
    const left = await commitsOf(stage, validator.hotkey);
    expectThat(left.length === 1, `${left.length} commits are left, not the later one alone`);
    return { name: revealed, verdict: { kind: 'pass' } };
  } catch (error) {
    return { name: revealed, verdict: verdictOf(error) };
  }
}

const names = [revealed, ...refusals.map(lineName), ...late.map(lineName)];

export const commitRevealGroup: CheckGroup = {
  names,
  run: async (ground) => {
    const stage = stageOf(ground);
    if (stage === null) return names.map((name) => ({ name, verdict: verdictOf(needsRoot()) }));
    return run(stage);
  },
};
