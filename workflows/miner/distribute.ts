import type { Slice } from '../../activities/miner/activities.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import type { MinerContext } from './context.ts';

/** What a training begins with, and whose it is. */
export interface Base {
  readonly slice: Slice;
  readonly validator: ValidatorSeat;
}

/** Finds the validator by its address on chain and fetches the group's slice from it. */
export async function distribute(context: MinerContext): Promise<Base> {
  const { io } = context.activities;
  const validator = await io.findValidator.executeWithOptions({ summary: 'by the addresses on chain' }, []);
  const signed = await context.sign(validator, null);
  const { group } = context.plan;
  const slice = await io.downloadSlice.executeWithOptions({ summary: `group ${group} from ${validator.url}` }, [
    { signed, group },
  ]);
  context.log(
    'distribute',
    `downloaded model metadata from chain: <ModelCheckpoint hash=${slice.modelHash} version=${slice.version} group=${group}>`,
    { event: 'slice_downloaded', group, version: slice.version, bytes: slice.ref.bytes, validator: validator.hotkey },
  );
  context.log('distribute', 'task completed.');
  context.did(
    'Distribute',
    `${slice.ref.bytes} bytes of model \`${slice.modelHash}\`, version ${slice.version}, from \`${validator.hotkey}\` at ${validator.url}`,
  );
  return { slice, validator };
}
