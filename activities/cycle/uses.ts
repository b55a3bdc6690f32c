import type { CycleRecord } from '../../domain/cycle-record.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import type { ValidatorDeps } from './deps.ts';

/** Who still needs files of the store when a cycle's books are closed. */
export interface Use {
  readonly by: string;
  readonly digests: readonly string[];
}

/**
 * All that must outlive the end of a cycle, by who needs it. What is being read or served at this moment comes on top:
 * those who do it hold it in the store.
 */
export async function usesAfter(deps: ValidatorDeps, record: CycleRecord): Promise<readonly Use[]> {
  const { models, ledger, chainName: chain, netuid, hotkey: validator } = deps;
  const { cycle, merge = null } = record;
  // A model that was fetched from the majority is the one that the next cycle starts from.
  const resynced = merge?.readBack?.resynced ?? null;
  const served = await models.current();
  const waiting = await ledger.submissions.digestsAfter({ chain, netuid, validator, cycle });
  return [
    // The newest verified model is one of these three, whatever became of the cycle.
    { by: 'the model that is served', digests: served === null ? [] : filesOf(served.manifest) },
    { by: "the cycle's model", digests: await filesNamed(deps, record.modelAfter.manifest) },
    ...(resynced === null ? [] : [{ by: "the majority's model", digests: await filesNamed(deps, resynced.manifest) }]),
    // A miner that is late, and a validator that finishes later, start from it.
    { by: "the cycle's base", digests: await filesNamed(deps, record.modelBefore.manifest) },
    // A validator that is late merges what the others had; any of them gives it out.
    {
      by: "the cycle's pseudo-gradients",
      digests: (merge?.peers ?? []).flatMap(({ gradients }) => gradients.map(({ digest }) => digest)),
    },
    // A validator that was away closes one cycle's books while the next one's files are coming in.
    { by: 'submissions of later cycles', digests: waiting },
  ];
}

/** A model whose manifest somebody removed needs no files any more; the cycle's books are closed all the same. */
async function filesNamed({ models }: ValidatorDeps, manifest: string): Promise<readonly string[]> {
  try {
    return [manifest, ...filesOf(await models.manifest(manifest))];
  } catch (error) {
    if (isOstinatoError(error, 'OST_ARTIFACT_MISSING')) return [];
    throw error;
  }
}

const filesOf = ({ parts, full, momentum }: ModelManifest): readonly string[] => [
  full.digest,
  ...parts.map(({ ref }) => ref.digest),
  ...momentum.map(({ ref }) => ref.digest),
];
