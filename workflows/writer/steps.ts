import { proxyActivities } from '@temporalio/workflow';
import type { ChainActivities } from '../../activities/chain/activities.ts';
import type { RecordWriteActivities } from '../../activities/chain/record-write.ts';
import type { SignerActivities } from '../../activities/signer/activities.ts';
import type { WriteRequest } from '../../domain/chain-write.ts';
import type { Footprint } from '../../domain/foreign-write.ts';
import type { Confirmation, GuardVerdict, RevealSight, SignedWrite, Submission } from '../../domain/signed-write.ts';
import type { WeightsRoad } from '../../domain/weights-road.ts';
import type { Reveal, Settlement, Unfinal } from '../../domain/writer-types.ts';
import { presets } from '../../temporal/presets.ts';
import type { WriterInput } from './input.ts';

/** As long as it takes to tell two extrinsics apart; the UI cuts long summaries off at the activity's name. */
const shortOf = ({ hash }: SignedWrite): string => `${hash.slice(0, 10)}…`;

/** The writer's activities, each under a summary that says in the Temporal UI what it is about. */
export class WriterSteps {
  readonly #input: WriterInput;
  readonly #read;
  readonly #write;
  readonly #wait;
  readonly #sign;
  readonly #ledger;

  constructor(input: WriterInput) {
    const { queues } = input;
    this.#input = input;
    this.#read = proxyActivities<ChainActivities>({ ...presets.chainRead, taskQueue: queues.chain });
    this.#write = proxyActivities<ChainActivities>({ ...presets.chainWrite, taskQueue: queues.chain });
    this.#wait = proxyActivities<ChainActivities>({ ...presets.blockWait, taskQueue: queues.chain });
    this.#sign = proxyActivities<SignerActivities>({ ...presets.sign, taskQueue: queues.signer });
    this.#ledger = proxyActivities<RecordWriteActivities>({ ...presets.ledger, taskQueue: queues.ledger });
  }

  async guard({ key, call, deadline }: WriteRequest, footprint: Footprint): Promise<GuardVerdict> {
    const { chain, hotkey } = this.#input;
    return this.#read.guardWrite.executeWithOptions({ summary: key }, [{ chain, hotkey, call, deadline, footprint }]);
  }

  async lookAround(footprint: Footprint) {
    const { chain, hotkey } = this.#input;
    return this.#read.lookAround.executeWithOptions({ summary: 'at what others wrote' }, [
      { chain, hotkey, footprint },
    ]);
  }

  async prepare({ key, call, deadline }: WriteRequest, road?: WeightsRoad): Promise<SignedWrite> {
    const { chain, hotkey } = this.#input;
    const input = { chain, hotkey, key, call, deadline, ...(road === undefined ? {} : { road }) };
    return this.#sign.prepareExtrinsic.executeWithOptions({ summary: key }, [input]);
  }

  async watchReveal({ request, signed }: Reveal): Promise<RevealSight | null> {
    const { hotkey } = this.#input;
    const { call, key } = request;
    if (call.kind !== 'set_weights') return null;
    return this.#wait.watchReveal.executeWithOptions({ summary: `reveal of ${key}` }, [{ hotkey, call, signed }]);
  }

  async submit({ key, call }: WriteRequest, signed: SignedWrite): Promise<Submission> {
    const { hotkey } = this.#input;
    return this.#write.submitExtrinsic.executeWithOptions({ summary: `${key} ${shortOf(signed)}` }, [
      { hotkey, call, signed },
    ]);
  }

  async confirm({ key, call, deadline }: WriteRequest, signed: SignedWrite): Promise<Confirmation> {
    const { hotkey } = this.#input;
    return this.#write.confirmExtrinsic.executeWithOptions({ summary: `${key} ${shortOf(signed)}` }, [
      { hotkey, call, signed, until: deadline },
    ]);
  }

  async finality({ request, signed, block }: Unfinal) {
    const { hotkey } = this.#input;
    const summary = `${request.key} in block ${block.number}`;
    return this.#wait.confirmFinality.executeWithOptions({ summary }, [{ hotkey, call: request.call, signed, block }]);
  }

  async record({ request, outcome }: Settlement): Promise<void> {
    const { chain, hotkey } = this.#input;
    const { key } = request;
    await this.#ledger.recordWrite.executeWithOptions({ summary: `${key}: ${outcome.kind}` }, [
      { key, chain, hotkey, request, outcome },
    ]);
  }
}
