/** What every line of a process's log has, and what some have. */
export interface LogFields {
  readonly pid: number;
  readonly time: number;
  readonly label?: string;
  readonly event?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Events that repeat themselves; a few of each show what they are. */
const repeated = new Set(['training_step', 'optimizer_step', 'training_checkpoint']);
const kept = 3;

/**
 * A demo's log without what differs from machine to machine, in the order of time: one JSON line each, with the
 * process, the event and the text.
 *
 * @param folders paths that stand for nothing but where the demo ran
 */
export function demoLogFixture(lines: readonly LogFields[], folders: readonly string[]): string {
  const counts = new Map<string, number>();
  return lines
    .toSorted((a, b) => a.time - b.time)
    .flatMap(({ label = '', event = '', msg = '' }) => {
      const count = (counts.get(`${label}/${event}`) ?? 0) + 1;
      counts.set(`${label}/${event}`, count);
      if (repeated.has(event) && count > kept) return [];
      const text = folders.reduce((all, folder) => all.replaceAll(folder, '.'), msg);
      return [`${JSON.stringify({ label, event, msg: text })}\n`];
    })
    .join('');
}
