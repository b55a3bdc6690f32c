import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freePort } from '../../adapters/processes/ports.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { connectClient, resolveTemporal, type TemporalWish } from '../../temporal/connect.ts';
import { connectNative } from '../../temporal/native.ts';
import { testVariable } from '../setup/environment.ts';
import { temporaryFolders } from '../setup/processes.ts';

const newFolder = temporaryFolders();
const address = testVariable('address');

const wish = (more: Partial<TemporalWish>): TemporalWish => ({
  stateFolder: newFolder(),
  namespace: 'test-connect',
  user: { role: 'test', label: 'connect' },
  ...more,
});

describe('the Temporal server to use', () => {
  test('is the one of TEMPORAL_ADDRESS, with the namespace of TEMPORAL_NAMESPACE, and no embedded one starts', async () => {
    const asked = wish({ environment: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'test-connect-env' } });
    const target = await resolveTemporal(asked);
    expect(target).toMatchObject({ address, namespace: 'test-connect-env', origin: 'environment', started: false });
    expect(new ProcessRegistry(asked.stateFolder).list()).toEqual([]);
    await target.release();
  });

  test('is the one of temporal.toml, by the profile that TEMPORAL_PROFILE names', async () => {
    const file = join(newFolder(), 'temporal.toml');
    writeFileSync(file, `[profile.default]\naddress = "127.0.0.1:1"\n[profile.here]\naddress = "${address}"\n`);
    const target = await resolveTemporal(
      wish({ environment: { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'here' } }),
    );
    expect(target).toMatchObject({ address, namespace: 'test-connect', origin: 'environment' });
  });

  test('is the one of the flag before that of the environment', async () => {
    const target = await resolveTemporal(
      wish({ explicitAddress: address, environment: { TEMPORAL_ADDRESS: '127.0.0.1:1' } }),
    );
    expect(target).toMatchObject({ address, origin: 'flag' });
  });

  test('serves a client and a worker’s connection by the same options', async () => {
    const target = await resolveTemporal(wish({ explicitAddress: address, environment: 'ignored' }));
    const { client, connection } = await connectClient(target);
    const native = await connectNative(target);
    expect(await client.workflow.count('Hotkey = "nobody"')).toMatchObject({ count: 0 });
    await native.workflowService.describeNamespace({ namespace: target.namespace });
    await native.close();
    await connection.close();
  });

  test('is missed with an error that names the address where nobody answers', async () => {
    const silent = `127.0.0.1:${await freePort(0)}`;
    const attempt = resolveTemporal(wish({ environment: { TEMPORAL_ADDRESS: silent }, connectTimeoutMs: 500 }));
    await expect(attempt).rejects.toMatchObject({ code: 'OST_TEMPORAL_UNREACHABLE', params: { address: silent } });
  });

  test('is ready for several processes that register the same namespace at the same time', async () => {
    const asked = wish({ explicitAddress: address, namespace: 'test-connect-race', environment: 'ignored' });
    const targets = await Promise.all([0, 1, 2, 3].map(() => resolveTemporal(asked)));
    expect(new Set(targets.map(({ namespace }) => namespace))).toEqual(new Set(['test-connect-race']));
  });
});
