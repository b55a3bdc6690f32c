import { join } from 'node:path';
import { z } from 'zod';
import type { PreviousCycle } from '../../domain/schedule-change.ts';
import type { Hex } from '../../domain/units.ts';
import { readJsonFile, scheduleSchema, writeJsonFile } from './file.ts';

/**
 * The schedule that the cycle at hand goes by, as it was captured at the cycle's start: the model server, and whoever
 * else is no workflow, goes by it too.
 */
export interface CapturedSchedule {
  read(): Promise<PreviousCycle | null>;
  write(cycle: PreviousCycle): Promise<void>;
}

/** On another chain (an embedded one that began anew) nothing was captured. */
export function capturedSchedule(folder: string, genesis: Hex): CapturedSchedule {
  const path = join(folder, 'cycle-schedule.json');
  const schema = z.object({ genesis: z.string(), cycle: z.int().min(0), schedule: scheduleSchema });
  return {
    async read() {
      const found = await readJsonFile(path, schema);
      return found?.genesis === genesis ? { cycle: found.cycle, schedule: found.schedule } : null;
    },
    write: ({ cycle, schedule }) => writeJsonFile(path, { genesis, cycle, schedule }),
  };
}
