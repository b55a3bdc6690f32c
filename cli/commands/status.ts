import { resolve } from 'node:path';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { textTable } from '../table.ts';

export interface StatusOptions {
  readonly state: string;
  readonly json?: boolean;
}

/** `ostinato status`: what runs, by the records of the state folder; a process that died is not among them. */
export function showStatus({ state, json }: StatusOptions, write: (line: string) => void): void {
  const folder = resolve(state);
  const processes = new ProcessRegistry(folder).list();
  if (json === true) {
    write(JSON.stringify(processes, null, 2));
    return;
  }
  if (processes.length === 0) {
    write(`Nothing runs for ${folder}.`);
    return;
  }
  // By deployment: what belongs together stands together.
  const sorted = processes.toSorted((a, b) => a.label.localeCompare(b.label) || a.startedAt.localeCompare(b.startedAt));
  const rows = sorted.map(({ role, label, pid, address, url, namespace, startedAt }) => {
    const where = url ?? address ?? '';
    return [label, role, String(pid), where, namespace ?? '', startedAt.slice(0, 19).replace('T', ' ')];
  });
  write(textTable(['of', 'role', 'pid', 'where', 'namespace', 'since (UTC)'], rows));
}
