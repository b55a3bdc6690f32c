import { Gauge, type Registry } from 'prom-client';
import type { StandingFacts } from '../../domain/standing-facts.ts';

/** A gauge and the fact that it shows. */
interface Shown {
  readonly name: string;
  readonly help: string;
  readonly of: (facts: StandingFacts) => number | null;
}

const shown: readonly Shown[] = [
  {
    name: 'eval_submissions_per_cycle',
    help: 'Miners whose file was there to be judged, in the last finished cycle',
    of: ({ submissions }) => submissions,
  },
  {
    name: 'eval_avg_w_i',
    help: 'Mean of w_i over the accepted submissions of the last finished cycle; absent where there was none',
    of: ({ averageW }) => averageW,
  },
  {
    name: 'chain_set_weights_success',
    help: '1 where the last settled weight vector reached the chain, 0 where it was refused; absent before the first',
    of: ({ weightsSet }) => (weightsSet === null ? null : Number(weightsSet)),
  },
  {
    name: 'consensus_agreement_rate',
    help: 'Share of the last 100 cycles that asked for agreement in which all validators agreed; absent before the first',
    of: ({ agreementRate }) => agreementRate,
  },
  {
    name: 'ostinato_cycle_number',
    help: 'Number of the last finished cycle; absent before the first',
    of: ({ cycle }) => cycle,
  },
  {
    name: 'ostinato_cycle_end_block',
    help: 'Last block of the last finished cycle; absent before the first',
    of: ({ endBlock }) => endBlock,
  },
  {
    name: 'ostinato_cycle_missed_phases',
    help: 'Phases of the last finished cycle whose work was missed or came late, of nine',
    of: ({ missedPhases }) => missedPhases,
  },
];

/**
 * Registers the metrics that a validator's books give. What comes back reads the books and sets them; it is called
 * before each scrape, so that a restart of the server shows the same as before it.
 */
export function standingMetrics(registry: Registry, read: () => Promise<StandingFacts>): () => Promise<void> {
  const gauges = shown.map(({ name, help, of }) => ({ of, gauge: new Gauge({ name, help, registers: [registry] }) }));
  return async () => {
    const facts = await read();
    for (const { gauge, of } of gauges) {
      const value = of(facts);
      // A gauge that was never set would show 0, which would be an alarm about nothing.
      if (value === null) gauge.remove();
      else gauge.set(value);
    }
  };
}
