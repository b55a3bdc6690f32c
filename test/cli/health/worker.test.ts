import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { workerTrouble } from '../../../cli/health/worker.ts';
import { taskQueues } from '../../../temporal/ids.ts';
import { testTemporal } from '../../setup/temporal.ts';

const temporal = await testTemporal();

test('a worker on this host is healthy while it polls a real server, and was missing before', async () => {
  const ask = () => workerTrouble(temporal.client.connection, temporal.namespace, 'validator');
  expect(await ask()).toMatch(/^no validator of /);
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue: taskQueues.workflows.validator,
    identity: `validator@${hostname()}:${process.pid}`,
    workflowBundle: { codePath: temporal.bundlePath },
  });
  await worker.runUntil(async () => {
    // The server learns of a poller with its first poll; the test's own time limit ends this loop.
    while ((await ask()) !== null) await delay(50);
  });
});
