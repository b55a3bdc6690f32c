import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { hashTensors, hashTensorsOf } from '../../../adapters/artifacts/tensor-hash.ts';
import { publicKeyOf, verifySignature } from '../../../adapters/wallet/verify.ts';
import type { ModelManifest, PublishedModel } from '../../../domain/model-manifest.ts';
import { schedules } from '../../../domain/phases.ts';
import {
  blockMessage,
  commitMessage,
  encodeSignature,
  messageHex,
  uploadMessage,
} from '../../../domain/signed-message.ts';
import { standingFacts } from '../../../domain/standing-facts.ts';
import { type Blocks, blocks, type Hotkey, hotkey, milliseconds, type Uid, uid } from '../../../domain/units.ts';
import type { AcceptedSubmission, CommittedSubmission, ModelServerDeps } from '../../../server/model/deps.ts';
import { buildModelServer } from '../../../server/model/server.ts';

/** Cycle 10 of the demo schedule; its Submission phase is blocks 736 to 743. */
export const cycle = 10;
export const submissionStart = 736;
export const submissionEnd = 743;

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519' });
const person = (uri: string) => {
  const pair = keyring.addFromUri(uri);
  return { hotkey: hotkey(pair.address), publicKey: pair.publicKey, sign: (message: Uint8Array) => pair.sign(message) };
};
export type Person = ReturnType<typeof person>;
export const people = {
  validator: person('//Alice'),
  miner: person('//Bob'),
  other: person('//Charlie'),
  peer: person('//Dave'),
  stranger: person('//Eve'),
};

const floats = (seed: number, length: number): Uint8Array =>
  new Uint8Array(Float32Array.from({ length }, (_, i) => Math.sin(seed * 1000 + i)).buffer);

export const groupTensors = (group: number, seed = group): readonly TensorSource[] => [
  { name: `layers.0.experts.${group * 2}.w`, dtype: 'F32', shape: [64, 100], data: floats(seed, 6400) },
  { name: `layers.0.experts.${group * 2 + 1}.w`, dtype: 'F32', shape: [64, 100], data: floats(seed + 0.5, 6400) },
];

/** A model server on a real port, over a real store; only chain and ledger are kept in memory. */
export class ServerFixture {
  readonly folder: string;
  readonly store: ArtifactStore;
  readonly manifest: ModelManifest;
  readonly lines: Record<string, unknown>[] = [];
  readonly commits = new Map<Hotkey, CommittedSubmission>();
  readonly registrations = new Map<Hotkey, { uid: Uid; validatorPermit: boolean }>([
    [people.miner.hotkey, { uid: uid(1), validatorPermit: false }],
    [people.other.hotkey, { uid: uid(2), validatorPermit: false }],
    [people.peer.hotkey, { uid: uid(3), validatorPermit: true }],
  ]);
  readonly accepted: AcceptedSubmission[] = [];
  readonly woken: AcceptedSubmission[] = [];
  readonly used = new Set<string>();
  head: Blocks = blocks(submissionStart);
  published: PublishedModel | null = null;
  app: FastifyInstance | null = null;
  url = '';

  private constructor(folder: string, store: ArtifactStore, manifest: ModelManifest) {
    this.folder = folder;
    this.store = store;
    this.manifest = manifest;
    this.published = { manifest, manifestDigest: 'f'.repeat(64) };
  }

  /** @param parent where its files lie */
  static async create(parent = tmpdir()): Promise<ServerFixture> {
    const folder = await mkdtemp(join(parent, 'ostinato-server-'));
    const store = await openStore(join(folder, 'artifacts'));
    const part = async (name: string, tensors: readonly TensorSource[]) => {
      const file = join(folder, name);
      await writeSafetensors(file, tensors);
      return {
        file,
        ref: await store.put({ file }, 'application/vnd.safetensors'),
        hash: (await hashTensors(file)).hash,
      };
    };
    const sharedTensors: readonly TensorSource[] = [
      { name: 'embed', dtype: 'F32', shape: [100], data: floats(9, 100) },
    ];
    const shared = await part('shared', sharedTensors);
    const groups = [await part('0', groupTensors(0)), await part('1', groupTensors(1))];
    const full = await part('full', [...sharedTensors, ...groupTensors(0), ...groupTensors(1)]);
    const { hash } = await hashTensorsOf([shared.file, ...groups.map(({ file }) => file)]);
    const manifest: ModelManifest = {
      version: 658,
      hash,
      parts: [
        { part: 'shared', ref: shared.ref, hash: shared.hash },
        ...groups.map(({ ref, hash: h }, i) => ({ part: i, ref, hash: h })),
      ],
      full: full.ref,
      momentum: [],
    };
    return new ServerFixture(folder, store, manifest);
  }

  deps(
    changes: Partial<Omit<ModelServerDeps, 'limits'>> & { limits?: Partial<ModelServerDeps['limits']> } = {},
  ): ModelServerDeps {
    const { limits, ...rest } = changes;
    return {
      modelName: 'models/reference',
      manifest: async () => this.published,
      store: this.store,
      chain: {
        head: async () => ({ number: this.head, hash: '0x00' }),
        registration: async (key) => this.registrations.get(key) ?? null,
        validators: async () =>
          [...this.registrations].flatMap(([key, { validatorPermit }]) => (validatorPermit ? [key] : [])),
        committed: async (key, at) => (at === cycle ? (this.commits.get(key) ?? null) : null),
      },
      submissions: {
        find: async (at, key) => this.accepted.find((each) => each.cycle === at && each.hotkey === key) ?? null,
        accept: async (submission) => {
          if (this.accepted.some((each) => each.cycle === submission.cycle && each.hotkey === submission.hotkey))
            return 'duplicate';
          this.accepted.push(submission);
          return 'accepted';
        },
      },
      requests: {
        once: async (key) => {
          const first = !this.used.has(key);
          this.used.add(key);
          return first;
        },
      },
      verify: verifySignature,
      publicKey: publicKeyOf,
      onAccepted: async (submission) => {
        this.woken.push(submission);
      },
      ownHotkey: people.validator.hotkey,
      schedule: () => schedules.demo,
      groups: 2,
      token: null,
      log: pino({ level: 'debug' }, { write: (line: string) => this.lines.push(JSON.parse(line)) }),
      metrics: new Registry(),
      standing: async () => standingFacts({ latest: null, writes: [], agreements: [] }),
      ...rest,
      limits: {
        maxSubmissionBytes: 1_000_000,
        uploadTimeoutMs: milliseconds(20_000),
        freshnessBlocks: 10,
        concurrentUploads: 4,
        concurrentDownloads: 4,
        ...limits,
      },
    };
  }

  async start(changes: Parameters<ServerFixture['deps']>[0] = {}, port = 0): Promise<void> {
    this.app = await buildModelServer(this.deps(changes));
    this.url = await this.app.listen({ host: '127.0.0.1', port });
  }

  async end(): Promise<void> {
    await this.app?.close();
    await rm(this.folder, { recursive: true });
  }

  /** The query of a download that is right in every way, with changes. */
  query(by: Person, changes: Readonly<Record<string, string>> = {}): string {
    const block = Number(changes['origin_block'] ?? this.head);
    const message = blockMessage(people.validator.publicKey, block);
    return new URLSearchParams({
      target_hotkey_ss58: people.validator.hotkey,
      origin_hotkey_ss58: by.hotkey,
      origin_block: String(block),
      signature: encodeSignature(by.sign(message)),
      ...changes,
    }).toString();
  }

  /** Writes a submission and commits it on chain, as an honest miner does. */
  async commit(
    by: Person,
    tensors: readonly TensorSource[],
    group = 0,
  ): Promise<{ path: string; hash: string; digest: string }> {
    const path = join(this.folder, `${by.hotkey}-${Math.random()}.safetensors`);
    await writeSafetensors(path, tensors);
    const hash = await hashTensors(path).then(
      (found) => found.hash,
      () => '0'.repeat(48),
    );
    const signature = encodeSignature(by.sign(commitMessage(hash)));
    this.commits.set(by.hotkey, { modelHash: hash, signature, version: 658, group, commitBlock: blocks(730) });
    const incoming = await this.store.receive({ file: path });
    await incoming.discard();
    return { path, hash, digest: incoming.digest };
  }

  /** The form of an upload that is right in every way. */
  fields(by: Person, hash: string, block: number = this.head): Record<string, string> {
    const key = people.validator.publicKey;
    return {
      target_hotkey_ss58: people.validator.hotkey,
      origin_hotkey_ss58: by.hotkey,
      origin_block: String(block),
      model_hex: hash,
      block_hex: messageHex(blockMessage(key, block)),
      signature: encodeSignature(by.sign(uploadMessage(hash, key, block))),
    };
  }

  /** What lies in the store beside the model itself: artefacts and temporary files. */
  async leftovers(): Promise<readonly string[]> {
    const own = new Set([this.manifest.full.digest, ...this.manifest.parts.map(({ ref }) => ref.digest)]);
    const stored = (await this.store.list()).map(({ digest }) => digest).filter((digest) => !own.has(digest));
    return [...stored, ...(await readdir(join(this.store.folder, 'tmp')))];
  }

  messages(): readonly string[] {
    return this.lines.map(({ msg }) => String(msg));
  }
}
