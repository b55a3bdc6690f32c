import { assignCycle, type CycleAssignment, type SeedSource } from '../../domain/cycle-assignment.ts';
import type { Schedule } from '../../domain/phases.ts';
import type { Netuid } from '../../domain/units.ts';
import type { ChainClient } from './client.ts';
import { readCommitments } from './cycle-commitments.ts';

/** Who judges whom in a cycle, for whoever freezes no roster; read once, since those blocks never change again. */
export class CycleAssignments {
  readonly #chain: ChainClient;
  readonly #netuid: Netuid;
  readonly #source: SeedSource;
  #read: { readonly cycle: number; readonly assignment: Promise<CycleAssignment> } | null = null;

  constructor(chain: ChainClient, netuid: Netuid, source: SeedSource) {
    this.#chain = chain;
    this.#netuid = netuid;
    this.#source = source;
  }

  /** From the block after MinerCommit2 on. @throws OST_CHAIN_STATE_PRUNED */
  of(schedule: Schedule, cycle: number): Promise<CycleAssignment> {
    if (this.#read?.cycle !== cycle) {
      const assignment = readCommitments(this.#chain, this.#netuid, schedule, cycle).then((commitments) =>
        assignCycle(this.#source, commitments),
      );
      this.#read = { cycle, assignment };
      // A failed read must not be what later ones are told.
      assignment.catch(() => {
        this.#read = null;
      });
    }
    return this.#read.assignment;
  }
}
