import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { diskError, writeAll } from '../../../adapters/artifacts/atomic-file.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { temporaryPath } from '../../../adapters/artifacts/temporary-files.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-store-'));
  store = await openStore(folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const content = Buffer.from('these are the bytes of an artefact');
const digest = createHash('sha256').update(content).digest('hex');
const octets = 'application/octet-stream';
const temporaries = () => readdir(join(folder, 'tmp'));

describe('the store', () => {
  test('takes bytes, streams and files under the same name, as often as they come', async () => {
    const path = join(folder, 'source');
    await writeFile(path, content);
    async function* stream() {
      yield content.subarray(0, 5);
      yield content.subarray(5);
    }
    const ref = { digest, bytes: content.length, mediaType: octets };
    expect(await store.put(content, octets)).toEqual(ref);
    expect(await store.put(stream(), octets)).toEqual(ref);
    expect(await store.put({ file: path }, octets)).toEqual(ref);
    expect(await store.list()).toEqual([{ digest, bytes: content.length }]);
    expect(await readFile(store.path(digest))).toEqual(content);
    expect(await temporaries()).toEqual([]);
  });

  test('opens artefacts for reading', async () => {
    await store.put(content, octets);
    await using handle = await store.open(digest);
    expect(await handle.readFile()).toEqual(content);
    expect(await store.stat(digest)).toEqual({ digest, bytes: content.length });
  });

  test('says what is missing, and what was damaged until it is put again', async () => {
    expect(await store.has(digest)).toBe(false);
    expect(await store.verify(digest)).toBe('missing');
    await expect(store.open(digest)).rejects.toMatchObject({ code: 'OST_ARTIFACT_MISSING' });
    await store.put(content, octets);
    expect(await store.verify(digest)).toBe('sound');
    await chmod(store.path(digest), 0o644);
    await writeFile(store.path(digest), 'other bytes');
    expect(await store.verify(digest)).toBe('damaged');
    await store.put(content, octets);
    expect(await store.verify(digest)).toBe('sound');
    await store.remove(digest);
    await store.remove(digest);
    expect(await store.has(digest)).toBe(false);
  });

  test.each(['../../etc/passwd', digest.toUpperCase(), '', `${digest}/x`])('has no path for %p', (name) => {
    expect(() => store.path(name)).toThrow(expect.objectContaining({ code: 'OST_ARTIFACT_MISSING' }));
  });
});

describe('bytes that are coming in', () => {
  test('are invisible until they are kept, and gone when they are discarded', async () => {
    const kept = await store.receive(content);
    const discarded = await store.receive(content);
    expect(kept).toMatchObject({ digest, bytes: content.length });
    expect(await store.list()).toEqual([]);
    await discarded.discard();
    await kept.keep(octets);
    await kept.discard();
    expect(await store.list()).toHaveLength(1);
    expect(await temporaries()).toEqual([]);
  });

  test('leave nothing when the source breaks off, is too large or is stopped', async () => {
    async function* broken() {
      yield content;
      throw new Error('the line went dead');
    }
    await expect(store.put(broken(), octets)).rejects.toThrow('the line went dead');
    await expect(store.put(content, octets, { maxBytes: 5 })).rejects.toMatchObject({ code: 'OST_ARTIFACT_TOO_LARGE' });
    const stop = new AbortController();
    async function* endless() {
      yield content;
      stop.abort(new Error('time is over'));
      await once(stop.signal, 'never');
    }
    await expect(store.put(endless(), octets, { signal: stop.signal })).rejects.toThrow('time is over');
    expect(await store.list()).toEqual([]);
    expect(await temporaries()).toEqual([]);
  });

  test('are refused before the first byte where the disk cannot hold them', async () => {
    await expect(store.put(content, octets, { expectedBytes: 2 ** 60 })).rejects.toMatchObject({
      code: 'OST_DISK_FULL',
    });
    expect(await temporaries()).toEqual([]);
  });

  test('end in a typed error where the system has no space left', async () => {
    await using full = await open('/dev/full', 'w');
    const failed: unknown = await writeAll(full, content).catch((error: unknown) => diskError(error, folder, 34));
    expect(failed).toMatchObject({ code: 'OST_DISK_FULL', retryable: true });
  });
});

describe('temporary files of other processes', () => {
  test('are swept once their writer has ended, and left alone while it lives', async () => {
    const module = new URL('../../../adapters/artifacts/store.ts', import.meta.url).href;
    const script = `const { openStore } = await import(${JSON.stringify(module)});
      const store = await openStore(process.argv[1]);
      async function* slow() { yield Buffer.from('half of it'); process.stdout.write('writing'); await new Promise(() => setInterval(() => {}, 1000)); }
      await store.put(slow(), 'application/octet-stream');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await openStore(folder);
    expect(await temporaries()).toHaveLength(1);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await openStore(folder);
    expect(await temporaries()).toEqual([]);
    expect(await store.list()).toEqual([]);
  });

  test('are swept when their id was given to another process', async () => {
    await writeFile(join(folder, 'tmp', `${process.pid}.another%20start.abc`), 'x');
    await writeFile(temporaryPath(join(folder, 'tmp')), 'mine');
    await openStore(folder);
    expect(await temporaries()).toHaveLength(1);
  });
});
