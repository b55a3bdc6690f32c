import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { eventually, include, request, startBench, storedJson, tx } from './support.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ostinato-devnet-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: { readonly salt?: string } = {}): Promise<Devnet> =>
  startDevnet({ folder, port: 0, blockTimeMs: 'gated', ...options });

async function startProcess(blockTime: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process.ts'), folder, blockTime], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line]: readonly unknown[] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

describe('a chain in a folder', () => {
  test('goes on after a restart with the same genesis, blocks and state, and old states can still be read', async () => {
    const bench = await startBench({ folder });
    const { genesisHash } = bench.net;
    await include(bench, tx(bench.api, 'subtensorModule.setWeights', 1, [0, 1], [1, 1], 0), bench.key('//Alice'));
    const before = bench.net.head();
    await bench.close();

    const again = await startBench({ folder });
    expect(again.net.genesisHash).toBe(genesisHash);
    expect(again.net.head()).toEqual(before);
    expect(await storedJson(again.api, 'subtensorModule.weights', 1, 0)).toEqual([
      [0, 65535],
      [1, 65535],
    ]);
    const genesis = await again.api.at(genesisHash);
    expect((await genesis.query['subtensorModule']?.['weights']?.(1, 0))?.toJSON()).toEqual([]);
    const next = await again.net.buildBlock();
    expect(next.number).toBe(before.number + 1);
    expect((await again.api.rpc.chain.getHeader(next.hash)).parentHash.toHex()).toBe(before.hash);
    await again.close();
  });

  test('is another chain in every fresh folder, unless a salt says which', async () => {
    const first = await open();
    await first.close();
    rmSync(folder, { recursive: true });
    const second = await open({ salt: 'fixed' });
    await second.close();
    rmSync(folder, { recursive: true });
    const third = await open({ salt: 'fixed' });
    await third.close();
    expect(first.genesisHash).not.toBe(second.genesisHash);
    expect(second.genesisHash).toBe(third.genesisHash);
  });

  test('belongs to one process: another is told which has it', async () => {
    const { child } = await startProcess('gated');
    await expect(open()).rejects.toMatchObject({
      code: 'OST_DEVNET_STATE_LOCKED',
      params: { folder, pid: String(child.pid) },
    });
  });

  test('loses no announced block and no state when its process is killed, and is free at once', async () => {
    const { child, url } = await startProcess('20');
    const number = async (): Promise<number> => {
      const header = (await request({ url }, 'chain_getHeader')) as { readonly number: string };
      return Number(header.number);
    };
    await eventually(number, (reached) => reached >= 5);
    const announced = (await request({ url }, 'chain_getHeader')) as {
      readonly number: string;
      readonly parentHash: string;
    };
    child.kill('SIGKILL');
    await once(child, 'exit');

    const net = await open();
    expect(net.head().number).toBeGreaterThanOrEqual(Number(announced.number));
    expect(await request(net, 'chain_getBlockHash', Number(announced.number) - 1)).toBe(announced.parentHash);
    const at = net.head().number;
    expect((await net.buildBlock()).number).toBe(at + 1);
    await net.close();
  });
});
