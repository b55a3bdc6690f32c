import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The end of one process at one activity. */
export interface Death {
  /** `validator`, `validator signer`, `miner`, `miner signer`. */
  readonly by: string;
  readonly activity: string;
  /** `after` is the worst of them: the effect is there, and nobody heard of it. */
  readonly moment: 'before' | 'during' | 'after';
  /**
   * From the process's how manieth call of the activity on it dies, once; calls of the processes that had its name
   * before count, too. From 1.
   */
  readonly occurrence: number;
  /** How long after the activity began, where it is `during`. */
  readonly afterMs: number;
}

/** What the hook in a process is told by; without the prefix that the configuration takes for its own. */
export const hookVariables = {
  folder: 'FAULTS_FOLDER',
  process: 'FAULTS_PROCESS',
  /** All deaths of the run, whoever dies, as JSON. */
  deaths: 'FAULTS_DEATHS',
} as const;

/** Done over and over while nothing happens, as time goes by: noted once, so that notes are of what happens. */
export const idle: ReadonlySet<string> = new Set(['lookAround']);

/** What the hook writes down of an activity. */
export interface Noted {
  readonly by: string;
  readonly name: string;
  readonly kind: 'registered' | 'begun';
}

/** The file that says that a death of the run's list has been. */
export const markOf = (folder: string, index: number): string => join(folder, `death-${index}`);

export const hasDied = (folder: string, index: number): boolean => existsSync(markOf(folder, index));

export const notesOf = (folder: string): string => join(folder, 'activities.jsonl');

/** Notes as they lie in their file. */
export const parseNoted = (text: string): readonly Noted[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Noted);

/** What was noted in a run so far. */
export async function readNoted(folder: string): Promise<readonly Noted[]> {
  await appendFile(notesOf(folder), '');
  return parseNoted(await readFile(notesOf(folder), 'utf8'));
}
