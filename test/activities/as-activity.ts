import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

// Else every activity that fails as its test wants it is a page of log.
const logger = new DefaultLogger('ERROR');

/** Runs something in the context of an activity, so that it may beat and be cancelled. */
export async function asActivity<T>(run: () => Promise<T>): Promise<T> {
  const results: T[] = [];
  await new MockActivityEnvironment({}, { logger }).run(async () => {
    results.push(await run());
  });
  const [result] = results;
  if (result === undefined) throw new Error('the activity gave nothing');
  return result;
}
