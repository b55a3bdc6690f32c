import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'histories');

/** A recorded history as it is on the disk: the JSON of the protocol, with the workflow's id beside it. */
export interface RecordedHistory {
  /** `<WorkflowType>/<scenario>`. */
  readonly name: string;
  readonly type: string;
  readonly workflowId: string;
  readonly events: readonly unknown[];
}

/** Every history that is committed. */
export function recordedHistories(): readonly RecordedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const { workflowId, events } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
        readonly workflowId: string;
        readonly events: readonly unknown[];
      };
      const name = file.replaceAll('\\', '/').replace(/\.json$/, '');
      return { name, type: name.split('/')[0] ?? '', workflowId, events };
    });
}
