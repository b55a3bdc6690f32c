import type { LogLine } from '../../adapters/processes/log-line.ts';

/** A log line of one of the stack's processes that names an event. */
export interface Seen {
  readonly source: string;
  readonly event: string;
  readonly fields: LogLine['fields'];
}

export interface Wanted {
  readonly event: string;
  /** The process that has to say it; any where left out. */
  readonly source?: string;
  /** Fields that the line has to have. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Only lines after this mark. */
  readonly since?: number;
}

/** Longer than any step takes on a machine that does much else: heartbeats of the dead have to run out in it. */
const patienceMs = 150_000;
const keptLines = 40;
/** pino's number. */
const errorLevel = 50;

const fits = ({ source, event, fields }: Wanted, seen: Seen): boolean =>
  event === seen.event &&
  (source === undefined || source === seen.source) &&
  Object.entries(fields ?? {}).every(([name, value]) => seen.fields[name] === value);

/** What the processes said, in the order in which it came; a test waits for what it needs to hear. */
export class EventLog {
  readonly #beganMs = Date.now();
  readonly #seen: Seen[] = [];
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #errors: string[] = [];
  readonly #failures: Error[] = [];

  add(source: string, { event, fields, msg, level }: LogLine): void {
    if (event !== undefined) this.#seen.push({ source, event, fields });
    const line = `${((Date.now() - this.#beganMs) / 1000).toFixed(1)} s  ${source} ${event ?? ''} ${msg} ${detailOf(fields)}`;
    this.#lines.push(line);
    if (level >= errorLevel) this.#errors.push(line);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Everything that waits rejects: a process ended that nobody asked to. */
  fail(error: Error): void {
    this.#failures.push(error);
    for (const listener of [...this.#listeners]) listener();
  }

  /** A mark for `since`: what comes later is after it. */
  mark(): number {
    return this.#seen.length;
  }

  all(wanted: Wanted): readonly Seen[] {
    return this.#seen.slice(wanted.since ?? 0).filter((seen) => fits(wanted, seen));
  }

  /** Resolves with the first such line, which may be there already; rejects when nobody has said it for so long. */
  wait(wanted: Wanted, forMs = patienceMs): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const look = (): void => {
        const [found] = this.all(wanted);
        const [failure] = this.#failures;
        if (found === undefined && failure === undefined) return;
        end();
        if (found !== undefined) resolve(found);
        else reject(failure);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`Nobody said ${JSON.stringify(wanted)}. The last lines:\n${this.tail()}`));
      }, forMs);
      this.#listeners.add(look);
      look();
    });
  }

  tail(): string {
    return this.#lines.slice(-keptLines).join('\n');
  }

  /** What was said at the level of errors. */
  errors(): readonly string[] {
    return this.#errors;
  }
}

const detailOf = (fields: LogLine['fields']): string => {
  const { err, error, outcome, reason } = fields;
  const shown = Object.entries({ err, error, outcome, reason }).filter(([, value]) => value !== undefined);
  return shown.length === 0 ? '' : JSON.stringify(Object.fromEntries(shown));
};
