import type { Client } from '@temporalio/client';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import type { WriteRequest } from '../../domain/chain-write.ts';
import { type Blocks, blocks, type Hotkey, type Netuid } from '../../domain/units.ts';
import { axonKey, queuesOf, taskQueues, writerId } from '../../temporal/ids.ts';

/** An address is asked for with this much time: a serving rate limit of the chain may lie in between. */
const axonDeadlineBlocks = 200;
/** What the SDK of that release calls itself; peers read it as "speaks this protocol". */
const axonVersion = 10_005_000;

interface Place {
  readonly chain: string;
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
}

/**
 * Has the writer put the model server's address on chain. Without an external address nothing is written, and miners
 * do not find this validator. The writer reads the chain first, so an address that is there already costs nothing.
 */
export async function requestAxon(client: Client, place: Place, config: ValidatorConfig, head: Blocks): Promise<void> {
  const ip = config.axon.external_ip;
  if (ip == null) return;
  const port = config.axon.external_port ?? config.server_port;
  const request: WriteRequest = {
    key: axonKey(place.netuid, ip, port, head),
    call: { kind: 'serve_axon', netuid: place.netuid, ip, port, version: axonVersion },
    deadline: blocks(head + axonDeadlineBlocks),
    replyTo: null,
  };
  await client.workflow.signalWithStart('ChainWriterWorkflow', {
    workflowId: writerId(place.chain, place.hotkey),
    taskQueue: taskQueues.workflows.validator,
    args: [{ chain: place.chain, hotkey: place.hotkey, queues: queuesOf('validator', place.hotkey) }],
    signal: 'requestWrite',
    signalArgs: [request],
    staticSummary: `signs for ${place.hotkey}`,
  });
}
