import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { health } from '../../../cli/health/health.ts';
import { pollerTrouble } from '../../../cli/health/worker.ts';
import { workingDirectory } from '../../config/folder.ts';

async function withServer<T>(status: number, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/health' ? status : 404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

async function ask(role: 'server' | 'validator', env: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const cwd = workingDirectory({ 'd/config.yaml': '' });
  const well = await health({ role, path: 'd', cwd, env }, (line) => lines.push(line));
  return { well, text: lines.join('\n') };
}

describe('the health of a model server', () => {
  test('is good while it says so', async () => {
    const answer = await withServer(200, (port) => ask('server', { OSTINATO_SERVER_PORT: String(port) }));
    expect(answer).toEqual({ well: true, text: 'server: ok' });
  });

  test('is bad when it says so, and when nothing answers', async () => {
    let closed = 0;
    const answer = await withServer(503, (port) => {
      closed = port;
      return ask('server', { OSTINATO_SERVER_PORT: String(port) });
    });
    expect(answer).toMatchObject({ well: false, text: expect.stringContaining('answers 503') });
    const silent = await ask('server', { OSTINATO_SERVER_PORT: String(closed) });
    expect(silent).toMatchObject({ well: false, text: expect.stringContaining('does not answer') });
  });
});

describe('the health of a worker', () => {
  const now = 1_000_000;
  test.each([
    ['nobody polls', [], /no validator of here/],
    ['only another host polls', [{ identity: 'validator@there:1', lastSeenMs: now }], /no validator of here/],
    ['only another role polls', [{ identity: 'miner@here:1', lastSeenMs: now }], /no validator of here/],
    ['it fell silent', [{ identity: 'validator@here:1', lastSeenMs: now - 120_000 }], /120 s ago/],
  ])('is bad where %s', (_, pollers, reason) => {
    expect(pollerTrouble(pollers, 'validator', 'here', now)).toMatch(reason);
  });

  test('is good while any of its processes polls', () => {
    const dead = { identity: 'validator@here:1', lastSeenMs: now - 200_000 };
    expect(
      pollerTrouble([dead, { identity: 'validator@here:2', lastSeenMs: now - 60_000 }], 'validator', 'here', now),
    ).toBeNull();
  });

  test('starts no Temporal server where none is named', async () => {
    const answer = await ask('validator', { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' });
    expect(answer).toMatchObject({ well: false, text: expect.stringContaining('set TEMPORAL_ADDRESS') });
  });
});
