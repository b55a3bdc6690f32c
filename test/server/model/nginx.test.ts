import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { request } from 'undici';
import { download } from '../../../adapters/artifacts/transfer/download.ts';
import { testIf } from '../../setup/test-if.ts';
import { people, ServerFixture } from './fixture.ts';

const hasNginx = spawnSync('nginx', ['-v']).error === undefined;

let fixture: ServerFixture;
let nginx: ChildProcess | null;
beforeEach(async () => {
  nginx = null;
  fixture = await ServerFixture.create();
});
afterEach(async () => {
  if (nginx !== null) {
    const ended = once(nginx, 'exit');
    nginx.kill('SIGTERM');
    await ended;
  }
  await fixture.end();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Starts nginx with the very configuration that the documentation gives. */
async function startNginx(): Promise<string> {
  const page = await readFile(new URL('../../../docs/model-server.md', import.meta.url), 'utf8');
  const port = await freePort();
  const server = (/```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
    .replace('listen 8443', `listen 127.0.0.1:${port}`)
    .replace('http://127.0.0.1:8080', fixture.url)
    .replace(/alias [^;]*;/, `alias ${fixture.store.folder}/;`);
  const own = process.getuid?.() === 0 ? 'user root;' : '';
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${fixture.folder}/nginx-${name};`)
    .join(' ');
  const conf = `${own} daemon off; pid ${fixture.folder}/pid; events {} http { access_log off; ${paths} ${server} }`;
  const file = join(fixture.folder, 'nginx.conf');
  await writeFile(file, conf);
  nginx = spawn('nginx', ['-p', fixture.folder, '-c', file, '-e', join(fixture.folder, 'nginx.log')], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const ping = await request(`${url}/ping`).catch(() => null);
    await ping?.body.dump();
    if (ping?.statusCode === 200) return url;
    await sleep(20);
  }
}

testIf(hasNginx, 'needs nginx')(
  'nginx before the model server sends the bytes, and all that the server says of them',
  async () => {
    await fixture.start({ accelRedirectPrefix: '/artifacts/' });
    const url = await startNginx();
    const part = fixture.manifest.parts[1];
    const digest = part?.ref.digest ?? '';
    const content = await readFile(fixture.store.path(digest));
    const address = `${url}/model/partial?group=0&${fixture.query(people.miner)}`;
    const to = join(fixture.folder, 'through-nginx');
    const got = await download({ url: address, to, ranges: 4, chunkList: `${address}&chunks=1` });
    expect(got).toMatchObject({
      digest,
      headers: { etag: `"${digest}"`, 'x-part-hash': part?.hash, 'x-model-version': '658' },
    });
    expect((await readFile(to)).equals(content)).toBe(true);

    const ranged = async (headers: Record<string, string>) => {
      const answer = await request(address, { headers: { range: 'bytes=5-9', ...headers } });
      return [answer.statusCode, Buffer.from(await answer.body.arrayBuffer()).length];
    };
    expect(await ranged({ 'if-range': `"${digest}"` })).toEqual([206, 5]);
    expect(await ranged({ 'if-range': '"another file"' })).toEqual([200, content.length]);
    expect((await request(`${url}/model/partial?group=0&${fixture.query(people.stranger)}`)).statusCode).toBe(403);
    // The files themselves are nobody's without the server's word.
    expect((await request(`${url}/artifacts/${digest}`)).statusCode).toBe(404);
  },
);
