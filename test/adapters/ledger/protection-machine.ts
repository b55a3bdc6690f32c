import { copyFileSync, existsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Ledger, openLedger } from '../../../adapters/ledger/open.ts';
import type { ProtectedVector } from '../../../adapters/ledger/protection.ts';
import { formatInterchange, readInterchange } from '../../../adapters/ledger/protection-interchange.ts';
import type { MergeReport } from '../../../domain/protection-history.ts';
import { type Blocks, type Hex, hotkey, netuid } from '../../../domain/units.ts';

export const genesis: Hex = `0x${'2f'.repeat(32)}`;
export const alice = hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
export const subnet = netuid(1);

/** Where a process dies in a claim: after which statement, and how much of what was not yet synchronised is lost. */
export interface Death {
  readonly afterStatement: number;
  /** 0 to 1: the share of the unsynchronised end of the write-ahead log that reached the disk. */
  readonly kept: number;
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

/** One machine with a ledger in a file of its own, whose process can be started anew and can die within a claim. */
export class Machine {
  readonly #folder: string;
  readonly #name: string;
  #lives = 0;
  #ledger: Ledger | null = null;
  #statements = 0;
  #die: { readonly at: Death; readonly syncedBytes: number } | null = null;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  get #file(): string {
    return join(this.#folder, `${this.#name}-${this.#lives}.sqlite`);
  }

  /** Starts from a ledger that is there, such as an empty one with all its tables. */
  async start(template: string): Promise<void> {
    copyFileSync(template, this.#file);
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#ledger = await openLedger({ file: this.#file, onStatement: () => this.#afterStatement() });
  }

  get ledger(): Ledger {
    if (this.#ledger === null) throw new Error('the machine is off');
    return this.#ledger;
  }

  claim(vector: ProtectedVector): Promise<'new' | 'same'> {
    return this.ledger.protection.claim(vector);
  }

  /** Claims, and loses the process on the way: what it was told is never known, and the disk has what it had then. */
  async claimAndDie(vector: ProtectedVector, at: Death): Promise<void> {
    this.#statements = 0;
    this.#die = { at, syncedBytes: sizeOf(`${this.#file}-wal`) };
    const lives = this.#lives;
    const old = this.ledger;
    await old.protection.claim(vector).catch(() => undefined);
    this.#die = null;
    // The claim had fewer statements: the process dies before it could say what came of it.
    if (this.#lives === lives) this.#snapshot(1, 0);
    await old.close();
    await this.#open();
  }

  async restart(): Promise<void> {
    await this.ledger.close();
    await this.#open();
  }

  async export(from: Blocks | null = null): Promise<string> {
    return formatInterchange(await this.ledger.protection.history({ genesis, ...(from === null ? {} : { from }) }));
  }

  import(text: string): Promise<MergeReport> {
    return this.ledger.protection.merge(readInterchange(text, 'the file', genesis));
  }

  async off(): Promise<void> {
    await this.#ledger?.close();
    this.#ledger = null;
  }

  #afterStatement(): void {
    if (this.#die === null) return;
    this.#statements += 1;
    const { at, syncedBytes } = this.#die;
    if (this.#statements !== at.afterStatement) return;
    this.#die = null;
    this.#snapshot(at.kept, syncedBytes);
  }

  /** Goes on from the files as they are now, as the next process would after a kill or a power cut. */
  #snapshot(kept: number, syncedBytes: number): void {
    const before = this.#file;
    this.#lives += 1;
    copyFileSync(before, this.#file);
    const wal = `${before}-wal`;
    if (!existsSync(wal)) return;
    copyFileSync(wal, `${this.#file}-wal`);
    const size = sizeOf(wal);
    if (size > syncedBytes) truncateSync(`${this.#file}-wal`, syncedBytes + Math.floor((size - syncedBytes) * kept));
  }
}
