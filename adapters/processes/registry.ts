import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts';
import { type ProcessRecord, parseRecord, type Registration } from './record.ts';

const slug = (text: string): string => text.replace(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 40);

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Its process took it back between the listing and now.
  }
};

/** The processes of one state folder: one small file each, in `run/` or a folder under it. */
export class ProcessRegistry {
  readonly #folder: string;

  constructor(stateFolder: string, group = '') {
    this.#folder = join(stateFolder, 'run', group);
  }

  /** Writes a process down. A process that has already ended is written down as well, and counts as dead. */
  register({ pid = process.pid, ports = [], ...registration }: Registration): ProcessRecord {
    const identity = identityOf(pid) ?? { pid, startTime: 'ended' };
    const record: ProcessRecord = { ...registration, ...identity, ports, startedAt: new Date().toISOString() };
    mkdirSync(this.#folder, { recursive: true });
    const path = this.#pathOf(record);
    // Written whole before it appears: a reader never sees half a record.
    const temporary = `${path}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
    renameSync(temporary, path);
    return record;
  }

  /** Takes a record back. */
  unregister(record: Pick<ProcessRecord, 'role' | 'label'> & ProcessIdentity): void {
    rmSync(this.#pathOf(record), { force: true });
  }

  /** The processes that still run, oldest first; the records of those that ended are cleared away. */
  list(role?: string): readonly ProcessRecord[] {
    const live: ProcessRecord[] = [];
    for (const record of this.#readAll()) {
      if (!isAlive(record)) this.unregister(record);
      else if (role === undefined || record.role === role) live.push(record);
    }
    return live.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  #readAll(): readonly ProcessRecord[] {
    let names: readonly string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => name.endsWith('.process.json'))
      .map((name) => parseRecord(textOf(join(this.#folder, name))))
      .filter((record) => record !== undefined);
  }

  #pathOf({ role, label, pid }: Pick<ProcessRecord, 'role' | 'label' | 'pid'>): string {
    return join(this.#folder, `${slug(role)}.${slug(label)}.${pid}.process.json`);
  }
}
