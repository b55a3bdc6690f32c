import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { ValidatorDeps } from '../../../activities/cycle/deps.ts';
import { modelRecord } from '../../../activities/cycle/model-record.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import type { ResolvedCall } from '../../../adapters/chain/calls.ts';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import { type Ledger, openLedger } from '../../../adapters/ledger/open.ts';
import { signedBy } from '../../../adapters/peers/check.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { publicKeyOf, verifySignature } from '../../../adapters/wallet/verify.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import type { ModelRecord } from '../../../domain/cycle-record.ts';
import type { PeerAccess } from '../../../domain/peers/access.ts';
import { everybody, type PeerPurpose, type SignedPeerMessage } from '../../../domain/peers/message.ts';
import { cycleLength, type PhaseName, phaseRange, type Schedule } from '../../../domain/phases.ts';
import { blockMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, milliseconds, netuid } from '../../../domain/units.ts';
import { buildModelServer } from '../../../server/model/server.ts';
import { groupTensor, type TinyModel, tinyModel } from '../../adapters/published-model/fixture.ts';
import { validatorDeps } from '../validator-deps.ts';

/** A Merge that is long enough for its two deadlines to lie apart: it begins at block 6 of 18, they are 9 and 12. */
export const schedule: Schedule = { name: 'test', lengths: [1, 1, 1, 1, 1, 1, 10, 1, 1] };
const one = netuid(1);
const tao = 1_000_000_000n;

/** One validator with files, ledger and model server of its own, on a chain that all share. */
export interface Member {
  readonly uri: string;
  readonly signer: Signer;
  readonly tiny: TinyModel;
  readonly ledger: Ledger;
  readonly deps: ValidatorDeps;
  readonly base: ModelRecord;
  readonly url: string;
  readonly server: FastifyInstance;
}

/** A gated chain with validators that serve axons, each behind a model server of its own, all in this process. */
export class Subnet implements AsyncDisposable {
  readonly devnet: Devnet;
  readonly chain: ChainClient;
  readonly members: readonly Member[];
  readonly #resources: AsyncDisposableStack;

  private constructor(devnet: Devnet, chain: ChainClient, members: readonly Member[], resources: AsyncDisposableStack) {
    this.devnet = devnet;
    this.chain = chain;
    this.members = members;
    this.#resources = resources;
  }

  /** @param stakes each validator's URI, with its stake in TAO */
  static async start(stakes: Readonly<Record<string, number>>): Promise<Subnet> {
    await using opened = new AsyncDisposableStack();
    const devnet = await startDevnet({
      folder: null,
      port: 0,
      blockTimeMs: 'gated',
      defaultNeurons: false,
      subnet: { servingRateLimit: 0, maxAllowedValidators: 64 },
      neurons: Object.entries(stakes).map(([account, stake]) => ({
        account,
        role: 'validator',
        stakeRao: BigInt(stake) * tao,
        permit: true,
      })),
    });
    opened.defer(() => devnet.close());
    const chain = await connectChain({ endpoints: [devnet.url] });
    opened.defer(() => chain.close());
    const members: Member[] = [];
    for (const uri of Object.keys(stakes)) members.push(await member(opened, chain, uri));
    const subnet = new Subnet(devnet, chain, members, opened.move());
    await subnet.send(...members.map(({ uri, url }) => [uri, serveAxon(url)] as const));
    return subnet;
  }

  get(uri: string): Member {
    const found = this.members.find((each) => each.uri === uri);
    if (found === undefined) throw new Error(`no validator ${uri}`);
    return found;
  }

  /** Has calls in the next block. */
  async send(...calls: readonly (readonly [uri: string, call: ResolvedCall])[]): Promise<void> {
    const birth = await this.chain.head();
    for (const [uri, call] of calls) {
      const { signer } = this.get(uri);
      const nonce = await this.chain.nextNonce(signer.hotkey);
      const envelope = { genesis: this.chain.genesis, nonce, birth, eraBlocks: 16 };
      await this.chain.submit(
        signExtrinsic(this.chain.runtime, signer, call, envelope).bytes,
        AbortSignal.timeout(300),
      );
    }
    await this.build();
  }

  async build(): Promise<void> {
    const { number } = await this.devnet.buildBlock();
    // Whoever asks the client next must not be told of the block before.
    while ((await this.chain.head()).number < number) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async buildTo(block: number): Promise<void> {
    while (this.devnet.head().number < block) await this.build();
  }

  /** The next cycle of which a phase is still to come, with the chain at the phase's first block. */
  async enter(phase: PhaseName): Promise<number> {
    const length = cycleLength(schedule);
    const head = this.devnet.head().number;
    let cycle = Math.floor(head / length);
    if (phaseRange(schedule, cycle, phase).start < head) cycle += 1;
    await this.buildTo(phaseRange(schedule, cycle, phase).start);
    return cycle;
  }

  /** A message of a validator, signed. */
  message(uri: string, cycle: number, purpose: PeerPurpose, body: string): SignedPeerMessage {
    const { signer } = this.get(uri);
    const block = blocks(this.devnet.head().number);
    const { genesis } = this.chain;
    return signedBy(
      { purpose, genesis, netuid: one, cycle, from: signer.hotkey, to: everybody, block, body },
      (bytes) => encodeSignature(signer.sign(bytes)),
    );
  }

  /** The right of one validator to ask another. */
  access(from: string, to: string): PeerAccess {
    const [origin, target] = [this.get(from), this.get(to)];
    const block = blocks(this.devnet.head().number);
    const signature = encodeSignature(origin.signer.sign(blockMessage(publicKeyOf(target.signer.hotkey), block)));
    return { url: target.url, origin: origin.signer.hotkey, target: target.signer.hotkey, block, signature };
  }

  /** Waits until each of these holds a message of a purpose from each of them: time stands still meanwhile. */
  async heard(purpose: PeerPurpose, cycle: number, uris: readonly string[]): Promise<void> {
    const wanted = uris.map((uri) => this.get(uri).signer.hotkey);
    for (const uri of uris) {
      const { ledger } = this.get(uri);
      for (;;) {
        const list = await ledger.peers.list({ genesis: this.chain.genesis, netuid: one, cycle, purpose });
        if (wanted.every((hotkey) => list.some(({ message }) => message.from === hotkey))) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

const serveAxon = (url: string): ResolvedCall => ({
  kind: 'serve_axon',
  netuid: one,
  ip: '127.0.0.2',
  port: Number(new URL(url).port),
  version: 1,
});

async function member(opened: AsyncDisposableStack, chain: ChainClient, uri: string): Promise<Member> {
  const tiny = opened.use(await tinyModel());
  const signer = await loadSigner({ kind: 'uri', uri });
  const ledger = opened.adopt(await openLedger({ file: join(tiny.folder, 'ledger.sqlite') }), (each) => each.close());
  const absent = opened.use(await validatorDeps({ chain }));
  const base = await tiny.models.ensureBase(tiny.base);
  const deps: ValidatorDeps = {
    ...absent.deps,
    netuid: one,
    hotkey: signer.hotkey,
    ledger,
    store: tiny.store,
    models: tiny.models,
    downloads: join(tiny.folder, 'downloads'),
  };
  const unasked = (): never => {
    throw new Error('no peer asks for this');
  };
  const server = await buildModelServer({
    modelName: 'tiny',
    manifest: () => tiny.models.current(),
    store: tiny.store,
    chain: {
      head: () => chain.head(),
      registration: async (hotkey) =>
        (await chain.snapshot(one)).neurons.find((neuron) => neuron.hotkey === hotkey) ?? null,
      validators: unasked,
      committed: unasked,
    },
    submissions: { find: unasked, accept: unasked },
    requests: ledger.requests,
    verify: verifySignature,
    publicKey: publicKeyOf,
    onAccepted: unasked,
    ownHotkey: signer.hotkey,
    schedule: () => schedule,
    groups: 2,
    token: 'nobody else’s',
    limits: {
      maxSubmissionBytes: 1_000_000,
      uploadTimeoutMs: milliseconds(20_000),
      freshnessBlocks: 20,
      concurrentUploads: 4,
      concurrentDownloads: 16,
    },
    peers: { genesis: chain.genesis, netuid: one, messages: ledger.peers },
    log: pino({ level: 'silent' }),
    metrics: new Registry(),
    standing: unasked,
  });
  opened.defer(() => server.close());
  const url = await server.listen({ host: '127.0.0.2', port: 0 });
  return { uri, signer, tiny, ledger, deps, base: modelRecord(base), url, server };
}

/** A submission of group 0 in a validator's store. */
export async function submission({ tiny }: Member, ...values: readonly number[]): Promise<string> {
  const file = join(tiny.base, `submission-${values.join()}`);
  await writeSafetensors(file, [groupTensor(0, ...values)]);
  return (await tiny.store.put({ file }, 'application/vnd.safetensors')).digest;
}
