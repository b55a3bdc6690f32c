import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { portHolderPid } from '../../../adapters/processes/port-holder.ts';
import { choosePort, freePort, isPortFree } from '../../../adapters/processes/ports.ts';
import { scripts } from '../../setup/processes.ts';

const run = scripts();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function occupy(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('a port', () => {
  test('that is free is given as it was wished for', async () => {
    const port = await freePort(0);
    expect(await choosePort({ port, purpose: 'the model server', configured: true })).toEqual({ port });
  });

  test('that is busy is answered by the next free one, and said', async () => {
    const busy = await occupy();
    const { port, note } = await choosePort({ port: busy, purpose: 'the model server', configured: false });
    expect(port).toBeGreaterThan(busy);
    expect(await isPortFree(port)).toBe(true);
    expect(note).toContain(`Port ${busy} is in use by`);
    expect(note).toContain(`the model server listens on ${port}`);
  });

  test('that was configured and is busy is an error that names the program which holds it', async () => {
    const holder = run(`
      const { createServer } = await import('node:net');
      const server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
    `);
    const port = Number(await holder.line());
    expect(portHolderPid(port)).toBe(holder.pid);
    const wish = choosePort({ port, purpose: 'the model server', configured: true });
    await expect(wish).rejects.toMatchObject({ code: 'OST_PORT_BUSY' });
    await expect(wish).rejects.toThrow(`(process ${holder.pid})`);
  });

  test.each(['0.0.0.0', '::'])('counts as busy where another program listens on %s', async (host) => {
    expect(await isPortFree(await occupy(host))).toBe(false);
  });

  test('that is promised to somebody else is passed over', async () => {
    const port = await freePort(20_000);
    expect(await freePort(port, '127.0.0.1', new Set([port]))).toBeGreaterThan(port);
  });
});
