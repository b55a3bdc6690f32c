import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ArtifactStore } from '../../adapters/artifacts/store.ts';
import type { BlockRef } from '../../domain/chain.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';
import type { SignedPeerMessage } from '../../domain/peers/message.ts';
import type { Schedule } from '../../domain/phases.ts';
import type { StandingFacts } from '../../domain/standing-facts.ts';
import type { Blocks, Bytes, Hotkey, Milliseconds, Uid } from '../../domain/units.ts';
import type { PeerServerDeps } from '../peers/deps.ts';

/** What MinerCommit1 and MinerCommit2 of one cycle say together. */
export interface CommittedSubmission {
  /** 48 lower-case hex digits. */
  readonly modelHash: string;
  /** base64url, over the hash's hex text. */
  readonly signature: string;
  readonly version: number;
  readonly group: number;
  readonly commitBlock: Blocks;
}

/** A cycle as the ledger has it. */
export interface FinishedCycle {
  readonly record: CycleRecord;
  /** The validator's signature of its root; null where it made none. */
  readonly root: SignedPeerMessage | null;
}

/** A submission that is complete, verified and in the store. */
export interface AcceptedSubmission {
  readonly cycle: number;
  /** The miner's. */
  readonly hotkey: Hotkey;
  readonly group: number;
  readonly modelHash: string;
  /** SHA-256 of the file, its name in the store. */
  readonly digest: string;
  readonly bytes: Bytes;
  /** The block that the signed message names. */
  readonly block: Blocks;
  readonly receivedAtBlock: Blocks;
}

export interface ModelServerLimits {
  readonly maxSubmissionBytes: number;
  /** From the request's beginning to the file's last byte. */
  readonly uploadTimeoutMs: Milliseconds;
  /** How old, in blocks, a signed request may be. */
  readonly freshnessBlocks: number;
  readonly concurrentUploads: number;
  readonly concurrentDownloads: number;
}

/** What the model server stands on. */
export interface ModelServerDeps {
  /** What it logs as the base model's name or path. */
  readonly modelName: string;
  /** The model as currently published; null before the validator's first start. */
  manifest(): Promise<PublishedModel | null>;
  readonly store: ArtifactStore;
  readonly chain: {
    head(): Promise<BlockRef>;
    /** Null for a hotkey that is not registered now. */
    registration(hotkey: Hotkey): Promise<{ readonly uid: Uid; readonly validatorPermit: boolean } | null>;
    /** The hotkeys with a validator's permit, now. */
    validators(): Promise<readonly Hotkey[]>;
    /** Null where one of the two halves is missing. */
    committed(hotkey: Hotkey, cycle: number): Promise<CommittedSubmission | null>;
    /** The validator that a miner is assigned to in a cycle; null, or left out, where nobody can tell. */
    validatorOf?(hotkey: Hotkey, cycle: number): Promise<Hotkey | null>;
  };
  /** The ledger's receipts. `accept` is one transaction and decides between simultaneous submissions. */
  readonly submissions: {
    find(
      cycle: number,
      hotkey: Hotkey,
    ): Promise<Pick<AcceptedSubmission, 'digest' | 'bytes' | 'modelHash' | 'group'> | null>;
    accept(submission: AcceptedSubmission): Promise<'accepted' | 'duplicate'>;
  };
  /** The ledger's finished cycles with their signed roots, by the originals' index; left out where none are shown. */
  readonly verdicts?: { find(index: number): Promise<FinishedCycle | null> };
  /** The replay guard, durable: true the first time that a key is seen. */
  readonly requests: { once(key: string, block: Blocks): Promise<boolean> };
  /** sr25519 over raw bytes, in the context "substrate". May throw for what is no hotkey. */
  verify(message: Uint8Array, signature: Uint8Array, hotkey: Hotkey): boolean;
  /** The 32 bytes behind an SS58 address. */
  publicKey(hotkey: Hotkey): Uint8Array;
  /** Wakes whoever waits for the submission. Only a hint: a failure is logged, and the ledger stays the truth. */
  onAccepted(submission: AcceptedSubmission): Promise<void>;
  readonly ownHotkey: Hotkey;
  /** The one that the cycle at hand goes by; it changes between two cycles only. */
  readonly schedule: () => Schedule;
  readonly groups: number;
  /** Null for a server that is open to all who sign. */
  readonly token: string | null;
  readonly limits: ModelServerLimits;
  /** Where nginx finds the store's files, for `X-Accel-Redirect`; left out: this server sends them itself. */
  readonly accelRedirectPrefix?: string | undefined;
  /** Left out: validators get no answer under `/peers/`. */
  readonly peers?: PeerServerDeps;
  readonly log: Logger;
  readonly metrics: Registry;
  /** How the validator does, from the ledger; asked before each scrape. */
  standing(): Promise<StandingFacts>;
}
