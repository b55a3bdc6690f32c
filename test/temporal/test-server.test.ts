import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { searchAttributeKeys } from '../../temporal/search-attribute-keys.ts';
import { testTemporal } from '../setup/temporal.ts';

const temporal = await testTemporal();

describe('the Temporal server of a test run', () => {
  test('takes a workflow with search attributes in the file’s own namespace', async () => {
    const workflowId = `probe-${randomUUID()}`;
    const handle = await temporal.client.workflow.start('NoSuchWorkflow', {
      workflowId,
      taskQueue: `nobody-${randomUUID()}`,
      typedSearchAttributes: [
        { key: searchAttributeKeys.hotkey, value: '5Grwva' },
        { key: searchAttributeKeys.cycleNumber, value: 7 },
        { key: searchAttributeKeys.needsOperator, value: false },
      ],
    });
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchAttributeKeys.hotkey)).toBe('5Grwva');
    expect(typedSearchAttributes.get(searchAttributeKeys.cycleNumber)).toBe(7);
    await handle.terminate('done');
  });

  test('does not keep a worker that ends waiting for its polls', async () => {
    const { client, namespace } = temporal;
    const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace });
    expect(namespaceInfo?.capabilities?.workerPollCompleteOnShutdown).toBe(false);
  });

  test('gives each asker another namespace', async () => {
    const another = await temporal.anotherNamespace();
    expect(another.namespace).not.toBe(temporal.namespace);
    expect(another.client.options.namespace).toBe(another.namespace);
  });
});
