import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The end of one process at one activity. */
export interface Death {
  /** `validator`, `validator signer`, `miner`, `miner signer`. */
  readonly by: string;
  readonly activity: string;
  /** `after` is the worst of them: the effect is there, and nobody heard of it. */
  readonly moment: 'before' | 'during' | 'after';
  /** The process's how manieth call of the activity, from 1. */
  readonly occurrence: number;
  /** How long after the activity began, where it is `during`. */
  readonly afterMs: number;
}

/** What the hook in a process is told by; without the prefix that the configuration takes for its own. */
export const hookVariables = {
  folder: 'FAULTS_FOLDER',
  process: 'FAULTS_PROCESS',
  death: 'FAULTS_DEATH',
} as const;

/** What the hook writes down of an activity. */
export interface Noted {
  readonly by: string;
  readonly name: string;
  readonly kind: 'registered' | 'begun';
}

const fileOf = (folder: string): string => join(folder, 'activities.jsonl');

/** What was noted in a run so far. */
export async function readNoted(folder: string): Promise<readonly Noted[]> {
  await appendFile(fileOf(folder), '');
  const text = await readFile(fileOf(folder), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Noted);
}
