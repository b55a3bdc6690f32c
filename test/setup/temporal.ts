import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { ensureNamespace } from '../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../temporal/search-attributes.ts';
import { testVariable, testVariables } from './environment.ts';
import { quietRuntime } from './quiet-runtime.ts';

export interface TestTemporal {
  readonly address: string;
  /** A namespace of the test file's own, with Ostinato's search attributes. */
  readonly namespace: string;
  readonly client: Client;
  /** For workers; they must have ended before the file does. */
  readonly nativeConnection: NativeConnection;
  /** The file with the workflow bundle, for `workflowBundle: { codePath }`. */
  readonly bundlePath: string;
  /** One more namespace on the same server, ready to use, and a client of it. */
  readonly anotherNamespace: () => Promise<{ readonly namespace: string; readonly client: Client }>;
}

async function freshNamespace(connection: Connection): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await ensureNamespace(connection, namespace, 1);
  await registerSearchAttributes(connection, namespace);
  return namespace;
}

/** The run's Temporal server for one test file: `const temporal = await testTemporal()` at its top. */
export async function testTemporal(): Promise<TestTemporal> {
  const address = testVariable('address');
  const connection = await Connection.connect({ address });
  quietRuntime();
  const nativeConnection = await NativeConnection.connect({ address });
  afterAll(async () => {
    await nativeConnection.close();
    await connection.close();
  });
  const namespace = await freshNamespace(connection);
  return {
    address,
    namespace,
    client: new Client({ connection, namespace }),
    nativeConnection,
    get bundlePath() {
      const problem = process.env[testVariables.bundleError];
      if (problem !== undefined) throw new Error(`The workflows could not be bundled: ${problem}`);
      return testVariable('bundle');
    },
    anotherNamespace: async () => {
      const another = await freshNamespace(connection);
      return { namespace: another, client: new Client({ connection, namespace: another }) };
    },
  };
}
