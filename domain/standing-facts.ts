import type { Agreement } from './agreement/record.ts';
import type { WriteOutcome } from './chain-write.ts';
import type { CycleRecord } from './cycle-record.ts';

/** What a validator's books say of how it does. Null where there is nothing to say yet, which is not the same as 0. */
export interface StandingFacts {
  readonly cycle: number | null;
  readonly endBlock: number | null;
  /** Miners whose file was there, in the last cycle. */
  readonly submissions: number | null;
  /** Mean of w_i over the accepted submissions of the last cycle. */
  readonly averageW: number | null;
  /** Phases of the last cycle whose work was missed or late; all nine where nobody worked on it. */
  readonly missedPhases: number | null;
  /** Whether the last vector that is settled reached the chain. */
  readonly weightsSet: boolean | null;
  /** Share of the cycles with full agreement, of those that asked for one. */
  readonly agreementRate: number | null;
}

export interface Books {
  readonly latest: CycleRecord | null;
  /** Outcomes of writes of weights and of their reveals, newest first; null while one is open. */
  readonly writes: readonly (WriteOutcome | null)[];
  readonly agreements: readonly Pick<Agreement, 'full'>[];
}

const allPhases = 9;

/** The facts of {@link Books}. */
export function standingFacts({ latest, writes, agreements }: Books): StandingFacts {
  const facts = latest === null ? null : cycleFacts(latest);
  return {
    cycle: latest?.cycle ?? null,
    endBlock: latest?.endBlock ?? null,
    submissions: facts?.submissions ?? null,
    averageW: facts?.averageW ?? null,
    missedPhases: facts?.missedPhases ?? null,
    weightsSet: weightsSet(writes),
    agreementRate: agreements.length === 0 ? null : agreements.filter(({ full }) => full).length / agreements.length,
  };
}

function cycleFacts({ submissions, notes, result }: CycleRecord) {
  const improved = submissions.flatMap(({ outcome, w }) => (outcome === 'ok' && w !== null ? [w] : []));
  const missed = new Set(notes.filter(({ note }) => note.startsWith('missed:')).map(({ phase }) => phase));
  return {
    submissions: submissions.filter(({ digest }) => digest !== null).length,
    averageW: improved.length === 0 ? null : improved.reduce((sum, w) => sum + w, 0) / improved.length,
    missedPhases: result === 'missed' ? allPhases : missed.size,
  };
}

/**
 * An open write says nothing yet; one that a newer took the place of, or that was withheld by choice, is no failure.
 */
function weightsSet(writes: Books['writes']): boolean | null {
  for (const outcome of writes) {
    switch (outcome?.kind) {
      case 'included':
      case 'already':
        return true;
      case 'refused':
      case 'deadline':
        return false;
      case 'superseded':
      case 'withheld':
      case undefined:
    }
  }
  return null;
}
