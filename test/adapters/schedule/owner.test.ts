import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ScheduleAtHand } from '../../../adapters/schedule/at-hand.ts';
import { capturedSchedule } from '../../../adapters/schedule/captured.ts';
import { fetchSchedule, type OwnerService } from '../../../adapters/schedule/owner-client.ts';
import { scheduleSource } from '../../../adapters/schedule/source.ts';
import { phaseResponse, scheduleIndex } from '../../../domain/phase-service.ts';
import { type Schedule, schedules } from '../../../domain/phases.ts';
import { blocks } from '../../../domain/units.ts';
import { ServerFixture } from '../../server/model/fixture.ts';
import { temporaryFolder } from '../model/reference.ts';

type Answer = (path: string) => { readonly status?: number; readonly body: unknown } | null;

/** An owner's service that answers as a test says; null: it closes the line. */
class Owner {
  readonly asked: string[] = [];
  answer: Answer = honest(schedules['connito-500']);
  readonly #server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    this.asked.push(path);
    const given = this.answer(path);
    if (given === null) request.socket.destroy();
    else response.writeHead(given.status ?? 200).end(JSON.stringify(given.body));
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  service(changes: Partial<OwnerService> = {}): OwnerService {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}`, timeoutMs: 5000, retries: 2, backoffMs: 1, ...changes };
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const honest =
  (schedule: Schedule, block = 12_345): Answer =>
  (path) => ({ body: path === '/' ? scheduleIndex(schedule) : phaseResponse(schedule, block) });

let owner: Owner;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  owner = new Owner();
  await owner.open();
});
afterAll(() => owner.close());
afterEach(async () => {
  owner.asked.length = 0;
  owner.answer = honest(schedules['connito-500']);
  await folder?.[Symbol.asyncDispose]();
});

const code = (expected: string) => expect.objectContaining({ code: expected });
const source = async (changes: Partial<OwnerService> = {}) => {
  folder = await temporaryFolder();
  return scheduleSource({ configured: schedules.demo, owner: owner.service(changes), folder: folder.path });
};

describe('the owner’s phase service', () => {
  test('gives the lengths, by the name that they ship under or by their numbers', async () => {
    folder = await temporaryFolder();
    expect(await fetchSchedule(owner.service())).toEqual(schedules['connito-500']);
    const live: Schedule = { name: '20-300-11-11-80-10-50-11-11', lengths: [20, 300, 11, 11, 80, 10, 50, 11, 11] };
    owner.answer = honest(live);
    expect(await fetchSchedule(owner.service())).toEqual(live);
  });

  test('may be a model server of ours', async () => {
    folder = await temporaryFolder();
    const server = await ServerFixture.create();
    await server.start({ token: 'secret' });
    expect(await fetchSchedule({ ...owner.service(), url: server.url })).toEqual(schedules.demo);
    await server.end();
  });

  test('is not believed where its two answers do not fit each other', async () => {
    folder = await temporaryFolder();
    owner.answer = (path) => honest(path === '/' ? schedules['connito-472'] : schedules['connito-500'])(path);
    await expect(fetchSchedule(owner.service())).rejects.toThrow(code('OST_OWNER_ANSWER'));
    owner.answer = () => ({ body: { phases: 'nine' } });
    await expect(fetchSchedule(owner.service())).rejects.toThrow(code('OST_OWNER_ANSWER'));
    expect(owner.asked).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 405, 409, 422])('is asked once where it refuses with %i', async (status) => {
    folder = await temporaryFolder();
    owner.answer = () => ({ status, body: {} });
    await expect(fetchSchedule(owner.service())).rejects.toThrow(code('OST_OWNER_REFUSED'));
    expect(owner.asked).toHaveLength(1);
  });

  test('is asked again for a while where it is away or has trouble', async () => {
    folder = await temporaryFolder();
    owner.answer = (path) =>
      owner.asked.length === 1
        ? null
        : owner.asked.length === 2
          ? { status: 503, body: {} }
          : honest(schedules['connito-472'])(path);
    expect(await fetchSchedule(owner.service())).toEqual(schedules['connito-472']);
    owner.asked.length = 0;
    owner.answer = () => null;
    await expect(fetchSchedule(owner.service())).rejects.toThrow(code('OST_OWNER_UNREACHABLE'));
    expect(owner.asked).toHaveLength(3);
  });
});

describe('the schedule that is given', () => {
  test('without a service is the configured one', async () => {
    folder = await temporaryFolder();
    const configured = scheduleSource({ configured: schedules.demo, owner: null, folder: folder.path });
    expect(await configured.current()).toEqual({ schedule: schedules.demo, stale: null });
  });

  test('is the last known one where the service is away, also after a restart, and says so', async () => {
    const given = await source();
    expect(await given.current()).toEqual({ schedule: schedules['connito-500'], stale: null });
    owner.asked.length = 0;
    owner.answer = () => null;
    const again = scheduleSource({ configured: schedules.demo, owner: owner.service(), folder: folder.path });
    const { schedule, stale } = await again.current();
    expect(schedule).toEqual(schedules['connito-500']);
    expect(stale).toContain('gives no answer');
    // A cycle does not wait for a service that it does not need.
    expect(owner.asked).toHaveLength(2);
  });

  test('is the last known one where the service contradicts itself, and the new one once it does not', async () => {
    const given = await source();
    await given.current();
    owner.answer = (path) => honest(path === '/' ? schedules['connito-472'] : schedules.demo)(path);
    expect(await given.current()).toMatchObject({ schedule: { name: 'connito-500' }, stale: expect.any(String) });
    owner.answer = honest(schedules['connito-472']);
    expect(await given.current()).toEqual({ schedule: schedules['connito-472'], stale: null });
  });

  test('is unknown where there is none, nor one of this service, and the error says what to do', async () => {
    const given = await source({ retries: 0 });
    owner.answer = () => null;
    await expect(given.current()).rejects.toThrow(code('OST_SCHEDULE_UNKNOWN'));
    const path = join(folder.path, 'owner-schedule.json');
    await writeFile(path, JSON.stringify({ url: 'http://another', schedule: schedules.demo }));
    await expect(given.current()).rejects.toThrow(/No schedule is known/);
    await writeFile(path, 'torn {');
    await expect(given.current()).rejects.toMatchObject({ todo: expect.stringContaining('schedule') });
  });
});

describe('the schedule of the cycle at hand', () => {
  const genesis = '0xaa';
  const other = { ...schedules['connito-500'], anchor: { block: blocks(13_000), cycle: 27 } };

  test('is the captured one, seen by other processes at their next look', async () => {
    folder = await temporaryFolder();
    const captured = capturedSchedule(folder.path, genesis);
    const configured = scheduleSource({ configured: schedules.demo, owner: null, folder: folder.path });
    const seen = await ScheduleAtHand.open(configured, capturedSchedule(folder.path, genesis));
    expect(seen.current).toEqual(schedules.demo);
    await captured.write({ cycle: 27, schedule: other });
    expect(seen.current).toEqual(schedules.demo);
    await seen.refresh();
    expect(seen.current).toEqual(other);
    expect(await captured.read()).toEqual({ cycle: 27, schedule: other });
    expect((await ScheduleAtHand.open(configured, captured)).current).toEqual(other);
  });

  test('is none on another chain', async () => {
    folder = await temporaryFolder();
    await capturedSchedule(folder.path, genesis).write({ cycle: 27, schedule: other });
    expect(await capturedSchedule(folder.path, '0xbb').read()).toBeNull();
    expect(await readFile(join(folder.path, 'cycle-schedule.json'), 'utf8')).toContain(genesis);
  });
});
