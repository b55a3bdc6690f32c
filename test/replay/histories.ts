import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import { endsShown, isWorkflowType, type WorkflowType } from './ends.ts';
import { storyOf } from './story.ts';

const folder = join(import.meta.dirname, 'histories');
const fileSchema = z.object({ workflowId: z.string(), events: z.array(z.unknown()) });

/** A recorded history as it is on the disk: the JSON of the protocol, with the workflow's id beside it. */
export interface RecordedHistory {
  /** `<WorkflowType>/<scenario>`. */
  readonly name: string;
  readonly type: WorkflowType;
  readonly workflowId: string;
  readonly events: readonly unknown[];
  /** Which of the ends of its type it shows. */
  readonly ends: readonly string[];
}

/** Every history that is committed. */
export function recordedHistories(): readonly RecordedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const { workflowId, events } = fileSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      const name = file.replaceAll('\\', '/').replace(/\.json$/, '');
      const type = name.split('/')[0] ?? '';
      if (!isWorkflowType(type)) throw new Error(`${file}: no workflow type ${type}`);
      return { name, type, workflowId, events, ends: endsShown(type, storyOf(historyFromJSON({ events }))) };
    });
}
