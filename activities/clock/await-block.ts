import { cancellationSignal } from '@temporalio/activity';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { BlockRef } from '../../domain/chain.ts';
import type { Blocks } from '../../domain/units.ts';
import { beating } from '../beating.ts';

export interface ClockActivities {
  awaitBlock(input: { readonly block: Blocks }): Promise<BlockRef>;
}

/**
 * Returns as soon as the head is at `block` or beyond. The beat is a timer and not progress, because a chain that
 * stands still is nothing that a restart of this worker would mend; the client reports a dead endpoint by itself.
 */
export const createClockActivities = ({ chain }: { readonly chain: ChainClient }): ClockActivities => ({
  awaitBlock: ({ block }) => beating(() => chain.waitForBlock(block, cancellationSignal())),
});
