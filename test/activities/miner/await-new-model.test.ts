import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { awaitNewModel } from '../../../activities/miner/await-new-model.ts';
import { milliseconds } from '../../../domain/units.ts';
import { people, ServerFixture } from '../../server/model/fixture.ts';
import { asActivity } from '../as-activity.ts';

let fixture: ServerFixture;
/** How often the miner has waited for a block. */
let looks: number;
beforeEach(async () => {
  fixture = await ServerFixture.create();
  looks = 0;
  // Its health is open to everybody, also where the rest needs a token.
  await fixture.start({
    token: 'geheim',
    manifest: async () => {
      looks += 1;
      return fixture.published;
    },
  });
});
afterEach(() => fixture.end());

/** Waits as a miner does that trains version 700 of the model `own`. */
const waiting = (url = fixture.url) =>
  awaitNewModel({ chain: { blockTimeMs: async () => milliseconds(5) } })({
    validator: { hotkey: people.validator.hotkey, uid: 0, url, committed: null },
    version: 700,
    modelHash: 'own',
  });

const serve = (version: number, hash: string): void => {
  fixture.published = { manifest: { ...fixture.manifest, version, hash }, manifestDigest: 'f'.repeat(64) };
};

/** Until the miner has looked a few times more. */
async function looked(): Promise<void> {
  const before = looks;
  while (looks < before + 3) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('a miner hears of a newer model, and neither of its own, nor of an older one, nor of none', async () => {
  let heard: object | null = null;
  serve(700, 'own');
  const found = asActivity(waiting).then((model) => {
    heard = model;
    return model;
  });
  await looked();
  serve(699, 'older');
  await looked();
  // The same model published once more, under a later number.
  serve(701, 'own');
  await looked();
  fixture.published = null;
  await looked();
  expect(heard).toBeNull();
  serve(770, 'newer');
  expect(await found).toEqual({ version: 770, modelHash: 'newer' });
});

test('another model of the same version is a new one: the validator went over to the majority’s', async () => {
  serve(700, 'another');
  expect(await asActivity(waiting)).toEqual({ version: 700, modelHash: 'another' });
});

test('a server that is away meanwhile is looked at again', async () => {
  serve(700, 'own');
  const found = asActivity(waiting);
  await looked();
  const { port } = new URL(fixture.url);
  await fixture.app?.close();
  serve(770, 'newer');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await fixture.start({}, Number(port));
  expect(await found).toEqual({ version: 770, modelHash: 'newer' });
});

test('a miner that no longer waits is let go at once, and beats until then', async () => {
  serve(700, 'own');
  const environment = new MockActivityEnvironment();
  let beats = 0;
  environment.on('heartbeat', () => {
    beats += 1;
  });
  const ended = environment.run(() => waiting()).catch((error: unknown) => error);
  await looked();
  environment.cancel();
  // A worker takes either for the cancellation that it is: of a request that was cut off, or of a pause.
  expect(['AbortError', 'CancelledFailure']).toContain(((await ended) as Error).name);
  expect(beats).toBeGreaterThan(0);
});
