import { joinAsMiner } from '../../domain/miner-plan.ts';
import { milliseconds } from '../../domain/units.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

export const planMiner =
  ({ chain, rules }: MinerIoDeps): MinerIoActivities['planMiner'] =>
  async ({ next }) => {
    const { number: head } = await chain.head();
    const blockTimeMs = milliseconds(await chain.blockTimeMs());
    return { ...rules, blockTimeMs, genesis: chain.genesis, head, cycle: joinAsMiner(rules.schedule, head, next) };
  };
