import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../domain/errors/error.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from './identity.ts';

/** How soon a thing that became free is noticed; a look costs less than a millisecond. */
const lookEveryMs = 25;
/** Others write for microseconds; one that is stopped in the middle of it is not waited for. */
const busyTimeoutMs = 1_000;

export interface TurnRequest {
  /** What is taken in turns, such as `cuda-0`. */
  readonly thing: string;
  /** After so long a turn is over even if nobody ends it: whoever has it was stopped, or hangs. */
  readonly longestMs: number;
  readonly signal: AbortSignal;
}

interface Ticket extends ProcessIdentity {
  readonly id: number;
  /** Unix time in ms at which its turn is over at the latest; null while it waits. */
  readonly until: number | null;
}

/**
 * Lets the processes of one machine use a thing in turns, in the order in which they asked: tickets in a file that they
 * share. A ticket whose process has died is taken out by whoever waits behind it, so that a kill holds up nobody.
 *
 * It is a courtesy and never a reason not to work: where the file cannot be written, there are no turns.
 */
export class Turns implements Disposable {
  readonly #database: DatabaseSync | null;
  readonly #onProblem: (problem: string) => void;

  constructor(path: string, onProblem: (problem: string) => void = () => undefined) {
    this.#onProblem = onProblem;
    this.#database = this.#trying(() => open(path));
  }

  /** Waits for its turn. @returns what ends it @throws the signal's reason */
  async take({ thing, longestMs, signal }: TurnRequest): Promise<() => void> {
    signal.throwIfAborted();
    const { pid, startTime } = ownIdentity();
    const id = this.#asking((database) => {
      const insert = database.prepare('insert into ticket (thing, pid, start_time) values (?, ?, ?)');
      return Number(insert.run(thing, pid, startTime).lastInsertRowid);
    });
    if (id === null) return () => undefined;
    const end = (): void => {
      this.#asking((database) => database.prepare('delete from ticket where id = ?').run(id));
    };
    try {
      while (!this.#isFirst(id, thing, longestMs)) await delay(lookEveryMs, undefined, { signal });
      return end;
    } catch (error) {
      end();
      throw signal.aborted ? signal.reason : error;
    }
  }

  [Symbol.dispose](): void {
    this.#asking((database) => database.close());
  }

  /** Whether nobody is before it; then its turn begins. Where nobody can tell, it does as well. */
  #isFirst(id: number, thing: string, longestMs: number): boolean {
    const first = this.#asking((database) => {
      const ahead = ticketsBefore(database, thing, id);
      const over = ahead.filter((each) => !isAlive(each) || (each.until !== null && each.until < Date.now()));
      for (const each of over) database.prepare('delete from ticket where id = ?').run(each.id);
      if (over.length < ahead.length) return false;
      database.prepare('update ticket set until = ? where id = ?').run(Date.now() + longestMs, id);
      return true;
    });
    return first ?? true;
  }

  #asking<T>(work: (database: DatabaseSync) => T): T | null {
    const database = this.#database;
    return database === null ? null : this.#trying(() => work(database));
  }

  #trying<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.#onProblem(messageOf(error));
      return null;
    }
  }
}

function open(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // Tickets outlive no reboot, so that nothing has to reach the disk; `autoincrement` gives no number twice.
    database.exec('pragma synchronous = off');
    database.exec(
      'create table if not exists ticket (id integer primary key autoincrement, thing text not null, ' +
        'pid integer not null, start_time text not null, until integer)',
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const ticketsBefore = (database: DatabaseSync, thing: string, id: number): readonly Ticket[] =>
  database
    .prepare('select id, pid, start_time, until from ticket where thing = ? and id < ?')
    .all(thing, id)
    .map(({ id: each, pid, start_time: startTime, until }) => ({
      id: Number(each),
      pid: Number(pid),
      startTime: String(startTime),
      until: until === null ? null : Number(until),
    }));
