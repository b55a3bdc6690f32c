import { endProcess } from '../../adapters/processes/end.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';

/**
 * Ends what a killed demo left running, by recorded process id and start time. The Temporal server stays: it is
 * joined, and its workflows go on where they are.
 */
export async function endLeftovers(stateFolder: string, say: (line: string) => void): Promise<void> {
  const registry = new ProcessRegistry(stateFolder);
  const left = registry.list().filter(({ role }) => role !== 'temporal');
  if (left.length === 0) return;
  say(`Ending what an earlier start left behind: ${left.map(({ role, label }) => `${role} ${label}`).join(', ')}`);
  await Promise.all(
    left.map(async (record) => {
      await endProcess({ ...record, label: `${record.role} ${record.label}` }, { graceMs: 5_000 });
      registry.unregister(record);
    }),
  );
}
