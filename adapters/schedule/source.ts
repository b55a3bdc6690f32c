import { join } from 'node:path';
import { z } from 'zod';
import type { MinerConfig, ValidatorConfig } from '../../config/schema/deployment.ts';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import type { Schedule } from '../../domain/phases.ts';
import { readJsonFile, scheduleSchema, writeJsonFile } from './file.ts';
import { fetchSchedule, type OwnerService } from './owner-client.ts';

/** The schedule as it is known now, for the cycle that begins next. */
export interface GivenSchedule {
  readonly schedule: Pick<Schedule, 'name' | 'lengths'>;
  /** Why it is an older one; null where it is today's. */
  readonly stale: string | null;
}

export interface ScheduleSource {
  /** @throws OST_SCHEDULE_UNKNOWN where the service gives none and has never given one */
  current(signal?: AbortSignal): Promise<GivenSchedule>;
}

export interface ScheduleSourceOptions {
  /** What counts without a service. */
  readonly configured: Schedule;
  readonly owner: OwnerService | null;
  /** The deployment's folder. */
  readonly folder: string;
}

/** The sources that a deployment's settings name. */
export const scheduleOptions = (
  { schedule, cycle }: Pick<ValidatorConfig | MinerConfig, 'schedule' | 'cycle'>,
  folder: string,
): ScheduleSourceOptions => ({
  configured: schedule,
  owner:
    cycle.owner_url === null
      ? null
      : {
          url: cycle.owner_url,
          timeoutMs: cycle.api_timeout_sec * 1000,
          retries: cycle.api_retries,
          backoffMs: cycle.api_backoff_sec * 1000,
        },
  folder,
});

const known = z.object({ url: z.string(), schedule: scheduleSchema });

/** The configured schedule, or the owner's; what the service said last is kept on disk for when it is away. */
export function scheduleSource({ configured, owner, folder }: ScheduleSourceOptions): ScheduleSource {
  if (owner === null) return { current: async () => ({ schedule: configured, stale: null }) };
  const path = join(folder, 'owner-schedule.json');
  return {
    async current(signal) {
      const last = await readJsonFile(path, known);
      const before = last?.url === owner.url ? last.schedule : null;
      try {
        // Who knows a schedule does not let a cycle wait for the service: a second attempt is for a dropped packet.
        const retries = before === null ? owner.retries : Math.min(owner.retries, 1);
        const schedule = await fetchSchedule({ ...owner, retries }, signal);
        await writeJsonFile(path, { url: owner.url, schedule });
        return { schedule, stale: null };
      } catch (error) {
        if (!isOstinatoError(error)) throw error;
        if (before === null) throw fail('OST_SCHEDULE_UNKNOWN', { reason: error.message }, { cause: error });
        return { schedule: before, stale: error.message };
      }
    },
  };
}
