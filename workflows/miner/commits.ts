import type { Slice, TrainedGroup } from '../../activities/miner/activities.ts';
import { minerHashCommit, signatureCommit } from '../../domain/commit-payload.ts';
import { commitmentKey } from '../../temporal/ids.ts';
import type { MinerContext } from './context.ts';

type CommitPhase = 'MinerCommit1' | 'MinerCommit2';

/** MinerCommit1: the signature of the hash, so that nobody can take the hash for their own. */
export async function commitSignature(
  context: MinerContext,
  { modelHash }: TrainedGroup,
  { version }: Slice,
): Promise<boolean> {
  if (!(await context.enter('MinerCommit1'))) return false;
  const { signature } = await context.activities.signer.signMessage.executeWithOptions(
    { summary: `hash ${modelHash}` },
    [{ purpose: 'commit_hash', modelHash }],
  );
  return commit(context, 'MinerCommit1', { modelHash, version }, signatureCommit(signature));
}

/**
 * MinerCommit2: the hash itself, with the version that it was trained from and its group, and where the file can be
 * had.
 */
export async function commitModelHash(
  context: MinerContext,
  { modelHash }: TrainedGroup,
  { version, group }: Slice,
): Promise<boolean> {
  if (!(await context.enter('MinerCommit2'))) return false;
  const { location } = context.plan;
  const text = minerHashCommit({ modelHash, version, group, ...(location === null ? {} : { location }) });
  return commit(context, 'MinerCommit2', { modelHash, version }, text);
}

interface Committed {
  readonly modelHash: string;
  readonly version: number;
}

async function commit(
  context: MinerContext,
  phase: CommitPhase,
  { modelHash, version }: Committed,
  text: string,
): Promise<boolean> {
  const { input, plan, writes } = context;
  const key = commitmentKey(input.netuid, plan.cycle, phase);
  const name = phase === 'MinerCommit1' ? 'miner_commit_1' : 'miner_commit_2';
  context.log(
    name,
    `committing hash=${modelHash} model_version=${version} path=model_expgroup_${plan.group}.safetensors`,
    {
      event: 'miner_commit',
      hash: modelHash,
    },
  );
  const call = { kind: 'set_commitment', netuid: input.netuid, text } as const;
  await writes.ask({ key, call, deadline: context.lastBlockFor(phase) });
  const outcome = await writes.settled(key);
  const where = outcome.kind === 'included' ? ` in block ${outcome.block}, extrinsic \`${outcome.extrinsicHash}\`` : '';
  context.did(phase, `commitment ${outcome.kind}${where}`);
  return outcome.kind === 'included' || outcome.kind === 'already';
}
