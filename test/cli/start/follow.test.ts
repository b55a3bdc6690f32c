import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { followJoined, startOrJoin } from '../../../cli/start/follow.ts';
import { testTemporal } from '../../setup/temporal.ts';

const { client, namespace } = await testTemporal();
const { CommandType } = proto.temporal.api.enums.v1;

/** A workflow that a test ends by itself, as its worker would. */
function world() {
  const id = randomUUID();
  const start = (cyclesLeft: number | null) => () =>
    startOrJoin(client, 'CycleWorkflow', { workflowId: id, taskQueue: id, args: [{ cyclesLeft }] });
  const complete = async () => {
    const { workflowService } = client.connection;
    const poll = () => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: id } });
    const { taskToken } = await client.connection.withDeadline(Date.now() + 30_000, poll);
    const commandType = CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION;
    const commands = [{ commandType, completeWorkflowExecutionCommandAttributes: {} }];
    await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
  };
  const inputNow = async () => {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    return JSON.parse(Buffer.from(input?.data ?? []).toString()) as unknown;
  };
  const status = async () => (await client.workflow.getHandle(id).describe()).status.name;
  const end = () => client.workflow.getHandle(id).terminate();
  return { id, start, complete, inputNow, status, end };
}

test('what an earlier start has left is finished, and then comes what this start asks for', async () => {
  const { id, start, complete, inputNow, status, end } = world();
  expect(await start(1)()).toEqual({ workflowId: id, joined: false });
  const started = await start(null)();
  expect(started).toEqual({ workflowId: id, joined: true });
  const { done } = followJoined(client, started, start(null));
  expect(await inputNow()).toEqual({ cyclesLeft: 1 });
  await complete();
  await done;
  expect(await status()).toBe('RUNNING');
  expect(await inputNow()).toEqual({ cyclesLeft: null });
  await end();
});

test('a run that somebody ended on purpose stays ended', async () => {
  const { start, status, end } = world();
  await start(1)();
  const { done } = followJoined(client, await start(null)(), start(null));
  await end();
  await done;
  expect(await status()).toBe('TERMINATED');
});

test('a run that somebody deleted is not started again', async () => {
  const { id, start } = world();
  await start(1)();
  const { done } = followJoined(client, await start(null)(), start(null));
  const execution = { workflowId: id };
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution });
  await done;
  await expect(client.workflow.getHandle(id).describe()).rejects.toThrow(/not found/);
});

test('a run of this very start is followed by nothing', async () => {
  const { start, complete, status } = world();
  const { done } = followJoined(client, await start(1)(), start(1));
  await done;
  await complete();
  expect(await status()).toBe('COMPLETED');
});

test('a server that is away is asked again', async () => {
  const { start, complete, inputNow, end } = world();
  await start(1)();
  let away = 2;
  const { done } = followJoined(client, await start(null)(), async () => {
    if (away-- > 0) throw new Error('14 UNAVAILABLE');
    return start(null)();
  });
  await complete();
  await done;
  expect(away).toBe(-1);
  expect(await inputNow()).toEqual({ cyclesLeft: null });
  await end();
});

test('a stop calls the following off, and nothing is started any more', async () => {
  const { start, complete, status } = world();
  await start(1)();
  const following = followJoined(client, await start(null)(), start(null));
  await following.stop();
  await complete();
  expect(await status()).toBe('COMPLETED');
});
