import { joinAsMiner } from '../../domain/miner-plan.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

export const planMiner =
  ({ chain, rules }: MinerIoDeps): MinerIoActivities['planMiner'] =>
  async ({ next }) => {
    const { number: head } = await chain.head();
    return { ...rules, genesis: chain.genesis, head, cycle: joinAsMiner(rules.schedule, head, next) };
  };
