import { seatsOf } from '../../domain/roster.ts';
import { blocks } from '../../domain/units.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';

/** All of the chain's part at one block: a seat and an update of different blocks would contradict each other. */
export const readWeightsFacts =
  ({ chain, ledger, chainName }: ValidatorDeps): CycleActivities['readWeightsFacts'] =>
  async ({ netuid, hotkey, mecid }) => {
    const snapshot = await chain.snapshot(netuid);
    const { block, tempo, neurons, minAllowedWeights, maxUids } = snapshot;
    const own = neurons.find((neuron) => neuron.hotkey === hotkey);
    // The metagraph's column is the first mechanism's; each has its own.
    const lastUpdate = async () => {
      if (own === undefined) return blocks(0);
      return mecid === 0 ? own.lastUpdate : chain.lastUpdate(netuid, own.uid, mecid, block.hash);
    };
    const next = await chain.nextEpochStart(netuid, block.hash);
    const last = await ledger.writes.lastVector({ chain: chainName, hotkey, netuid, mecid });
    return {
      block: block.number,
      seats: seatsOf(neurons),
      minAllowedWeights,
      maxUids,
      lastUpdate: await lastUpdate(),
      tempoStart: blocks(Math.max(0, (next ?? block.number) - tempo)),
      lastGood: last?.weights ?? null,
    };
  };

/** A row like any other of the table of writes, with an outcome that says that nothing left. */
export const recordWithheld =
  ({ ledger, chainName, hotkey, log }: ValidatorDeps): CycleActivities['recordWithheld'] =>
  async ({ key, call }) => {
    await ledger.writes.record({
      key,
      chain: chainName,
      hotkey,
      request: { key, call, deadline: null, replyTo: null },
      outcome: { kind: 'withheld', mode: 'dry-run' },
      extrinsicHash: null,
      block: null,
    });
    log.info(
      { event: 'write_withheld', key, hotkey, call: call.kind },
      `${key}: withheld, nothing is signed in dry-run`,
    );
  };
