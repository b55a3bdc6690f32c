import { log, proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { MinerIoActivities, MinerTrainActivities, SignedFor } from '../../activities/miner/activities.ts';
import type { SignerActivities } from '../../activities/signer/activities.ts';
import type { MinerInput, MinerPlan, MinerSummary, ValidatorSeat } from '../../domain/miner-plan.ts';
import { type PhaseName, type PhaseRange, phaseRange } from '../../domain/phases.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import type { Queues } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import type { BlockClock } from '../shared/block-clock.ts';
import type { ChainWrites } from '../shared/chain-writes.ts';

/** What every step of a miner's cycle works with. */
export class MinerContext {
  readonly plan: MinerPlan;
  readonly input: MinerInput;
  readonly queues: Queues;
  readonly clock: BlockClock;
  readonly writes: ChainWrites;
  /** What each phase came to, for people. */
  readonly #done: string[] = [];

  constructor(input: MinerInput, plan: MinerPlan, queues: Queues, clock: BlockClock, writes: ChainWrites) {
    this.input = input;
    this.plan = plan;
    this.queues = queues;
    this.clock = clock;
    this.writes = writes;
    upsertSearchAttributes([
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'miner' },
      { key: keys.cycleNumber, value: plan.cycle },
      { key: keys.expertGroup, value: plan.group },
      // A run inherits the attributes of the one before, whose outcome is not its own.
      { key: keys.outcome, value: null },
    ]);
  }

  get activities() {
    const { queues } = this;
    return {
      io: proxyActivities<MinerIoActivities>({ ...presets.transfer, taskQueue: queues.transfer }),
      // It waits for what mostly never comes; nothing depends on how that ends.
      watch: proxyActivities<MinerIoActivities>({ ...presets.blockWait, taskQueue: queues.transfer }),
      // Nobody's work depends on a verdict: a few attempts, then it is given up.
      verdicts: proxyActivities<MinerIoActivities>({
        ...presets.chainRead,
        startToCloseTimeout: '15s',
        retry: { ...presets.chainRead.retry, maximumAttempts: 5 },
        taskQueue: queues.transfer,
      }),
      trainer: proxyActivities<MinerTrainActivities>({ ...presets.train, taskQueue: queues.gpu }),
      signer: proxyActivities<SignerActivities>({ ...presets.sign, taskQueue: queues.signer }),
    };
  }

  range(phase: PhaseName): PhaseRange {
    return phaseRange(this.plan.schedule, this.plan.cycle, phase);
  }

  /** The last block in which a commitment of this phase is read: what is sent upon its last block is in the next. */
  lastBlockFor(phase: PhaseName): Blocks {
    return blocks(this.range(phase).end + 1);
  }

  /** Waits for a phase; false where it is over already. */
  async enter(phase: PhaseName): Promise<boolean> {
    const range = this.range(phase);
    const head = await this.clock.reach(range.start, phase);
    upsertSearchAttributes([{ key: keys.phase, value: phase }]);
    const inTime = head.number <= range.end;
    const when = `blocks ${range.start}–${range.end}, entered at ${head.number}`;
    this.#show(`Phase ${phase}`, inTime ? when : `${when}: too late`);
    return inTime;
  }

  /** Has the signing worker bind a request to the validator and the head. */
  async sign(validator: ValidatorSeat, modelHash: string | null): Promise<SignedFor> {
    const { number: block } = await this.clock.head();
    const target = { targetHotkey: validator.hotkey, block };
    const { signature } = await this.activities.signer.signMessage.executeWithOptions(
      { summary: `${modelHash === null ? 'download' : 'upload'} at block ${block}` },
      [modelHash === null ? { purpose: 'download', ...target } : { purpose: 'upload', modelHash, ...target }],
    );
    return { validator, block, signature };
  }

  /** Keeps what a phase came to on the workflow's page. */
  did(phase: PhaseName, what: string): void {
    this.#done.push(`- ${phase}: ${what}`);
    this.#show(`Phase ${phase}`, 'done');
  }

  ended({ result, detail }: MinerSummary): void {
    upsertSearchAttributes([{ key: keys.outcome, value: result }]);
    this.#show(`Finished: ${result}`, detail);
  }

  #show(state: string, detail: string): void {
    const { hotkey, netuid } = this.input;
    const { cycle, group, schedule } = this.plan;
    const who = `Miner \`${hotkey}\` on subnet ${netuid}: expert group ${group}, cycle ${cycle} (schedule ${schedule.name})`;
    setCurrentDetails([who, '', `**${state}**, ${detail}`, '', ...this.#done].join('\n'));
  }

  /** A line of the original miner's log: `<phase> text`. */
  log(phase: string, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    log.info(`<${phase}> ${text}`, { event: 'miner_step', step: phase, cycle: this.plan.cycle, ...fields });
  }
}
