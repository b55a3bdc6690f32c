import { resolve } from 'node:path';
import Table from 'cli-table3';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';

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
  const table = new Table({
    head: ['role', 'of', 'pid', 'where', 'namespace', 'since'],
    style: { head: [], border: [] },
  });
  for (const { role, label, pid, address, url, namespace, startedAt } of processes) {
    table.push([role, label, pid, url ?? address ?? '', namespace ?? '', startedAt.slice(11, 19)]);
  }
  write(table.toString());
}
