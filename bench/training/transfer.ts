/**
 * Speed of transfers, each figure against an anchor taken in the same run; see bench/README.md. Needs nginx, curl and
 * openssl. Exits with 1 where a bar is missed.
 *
 * Run: node bench/training/transfer.ts [download | restart | serve …] [rounds]
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listChunks } from '../../adapters/artifacts/chunks/list.ts';
import { chunkListType } from '../../adapters/artifacts/transfer/chunk-list.ts';
import { download } from '../../adapters/artifacts/transfer/download.ts';
import { type ChunkManifest, chunkManifestJson } from '../../domain/chunk-manifest.ts';
import type { Result } from '../chain/result.ts';
import { inTurns, ratios, rounded, spreadOf } from '../chain/spread.ts';
import { askedFor, type Measurements, runMeasurements } from '../run-measurements.ts';
import { answers, type Nginx, startNginx } from './nginx.ts';
import { cpuSeconds } from './process-figures.ts';

const run = promisify(execFile);
const mebibyte = 1024 * 1024;
const ports = { nginx: 18_471 };

interface Ground {
  readonly folder: string;
  readonly nginx: Nginx;
  readonly list: ChunkManifest;
}

/** A file of random bytes under its digest, as a store has it, with nginx before it. */
async function ground(sizeBytes: number): Promise<Ground & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-bench-'));
  const made = join(folder, 'made');
  {
    await using handle = await open(made, 'w');
    for (let at = 0; at < sizeBytes; at += 16 * mebibyte) await handle.write(randomBytes(16 * mebibyte));
  }
  const list = await listChunks(made);
  await rename(made, join(folder, list.digest));
  await writeFile(join(folder, 'list'), JSON.stringify(chunkManifestJson(list)));
  const nginx = await startNginx(
    folder,
    ports.nginx,
    `location / { add_header ETag '"${list.digest}"'; }
     location = /list { max_ranges 0; default_type ${chunkListType}; }`,
  );
  if (nginx === null) throw new Error('nginx is not installed');
  return {
    folder,
    nginx,
    list,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** What people do by hand: the file and its digest in one pass. @returns its CPU seconds */
async function pipeline({ folder, nginx, list }: Ground): Promise<number> {
  const line = `curl -s ${nginx.url}/${list.digest} | tee ${folder}/theirs | openssl dgst -sha256; times`;
  const { stdout } = await run('bash', ['-c', line]);
  // The last line is what the shell's children took, in user and kernel: 0m0.612s 0m2.449s.
  const children = stdout.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}

/** @returns its CPU seconds, threads included */
async function fetchOurs({ folder, nginx, list }: Ground, ranges: number): Promise<number> {
  const before = process.cpuUsage();
  const to = join(folder, 'ours');
  await rm(to, { force: true });
  const url = `${nginx.url}/${list.digest}`;
  const { digest } = await download({ url, to, ranges, chunkList: `${nginx.url}/list` });
  if (digest !== list.digest) throw new Error('another file');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function measureDownload(rounds: number): Promise<readonly Result[]> {
  await using place = await ground(512 * mebibyte);
  const results: Result[] = [];
  for (const [ranges, bar] of [
    [1, 0.9],
    [4, 1.1],
  ] as const) {
    const cpu: Record<'ours' | 'other', number[]> = { ours: [], other: [] };
    const turns = await inTurns(rounds, 1, {
      ours: async (round) => cpu.ours.push(...[await fetchOurs(place, ranges)].filter(() => round >= 0)),
      other: async (round) => cpu.other.push(...[await pipeline(place)].filter(() => round >= 0)),
    });
    const cpuRatio = spreadOf(cpu.ours.map((seconds, at) => seconds / Math.max(0.01, cpu.other[at] ?? 0)));
    const ratio = spreadOf(ratios(turns));
    const rates = spreadOf(turns.ours.map((ms) => 512 / (ms / 1000)));
    results.push({
      name: ranges === 1 ? 'download, one stream' : `download, ${ranges} ranges with BLAKE3`,
      passed: ratio.median >= bar,
      figures: { timesCurl: rounded(ratio), bar, cpuTimesCurl: rounded(cpuRatio), mebibytesPerSecond: rounded(rates) },
    });
  }
  return results;
}

/** Ends a download at nine tenths and starts it again: what comes over the line a second time. */
async function measureRestart(rounds: number): Promise<readonly Result[]> {
  await using place = await ground(256 * mebibyte);
  const { folder, nginx, list } = place;
  const again: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = {
      url: `${nginx.url}/${list.digest}`,
      to: join(folder, 'ours'),
      ranges: 4,
      chunkList: `${nginx.url}/list`,
    };
    await rm(order.to, { force: true });
    const child = spawn(
      process.execPath,
      [new URL('./stopped-download.ts', import.meta.url).pathname, JSON.stringify(order)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    const [line] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await ended;
    const { resumedFrom } = await download(order);
    again.push((Number(String(line).split('\n')[0]) - resumedFrom) / list.chunkBytes);
  }
  const chunks = spreadOf(again);
  return [
    { name: 'restart at nine tenths', passed: chunks.most <= 4, figures: { chunksAgain: rounded(chunks), bar: 4 } },
  ];
}

const eighths = (bytes: number): readonly string[] =>
  Array.from({ length: 8 }, (_, at) => `${(at * bytes) / 8}-${((at + 1) * bytes) / 8 - 1}`);

async function measureServe(rounds: number): Promise<readonly Result[]> {
  await using place = await ground(1024 * mebibyte);
  const { folder, nginx, list } = place;
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const server = spawn(process.execPath, [new URL('./artifact-server.ts', import.meta.url).pathname, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const results: Result[] = [];
  try {
    const [port] = await once(server.stdout, 'data');
    const own = `http://127.0.0.1:${String(port).trim()}`;
    await answers(own);
    const pids = { ours: [server.pid ?? 0], other: await nginx.pids() };
    for (const [name, parts] of [
      ['serve, one stream', ['']],
      ['serve, eight ranges', eighths(list.bytes)],
    ] as const) {
      const cpu: Record<'ours' | 'other', number[]> = { ours: [], other: [] };
      const fetchAll = async (url: string, who: 'ours' | 'other', round: number): Promise<void> => {
        const before = await cpuSeconds(pids[who]);
        await Promise.all(
          parts.map((part) => run('curl', ['-s', '-o', '/dev/null', ...(part === '' ? [] : ['-r', part]), url])),
        );
        if (round >= 0) cpu[who].push((await cpuSeconds(pids[who])) - before);
      };
      const turns = await inTurns(rounds, 1, {
        ours: (round) => fetchAll(`${own}/${list.digest}`, 'ours', round),
        other: (round) => fetchAll(`${nginx.url}/${list.digest}`, 'other', round),
      });
      const ratio = spreadOf(ratios(turns));
      const cpuRatio = spreadOf(cpu.ours.map((seconds, at) => seconds / Math.max(0.01, cpu.other[at] ?? 0)));
      results.push({
        name,
        passed: ratio.median >= 0.5 && cpuRatio.median <= 3,
        figures: {
          timesNginx: rounded(ratio),
          bar: 0.5,
          cpuTimesNginx: rounded(cpuRatio),
          cpuBar: 3,
          cpuSecondsPerGiB: rounded(spreadOf(cpu.ours)),
          mebibytesPerSecond: rounded(spreadOf(turns.ours.map((ms) => 1024 / (ms / 1000)))),
        },
      });
    }
  } finally {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
  return results;
}

const measurements: Measurements = {
  download: measureDownload,
  restart: measureRestart,
  serve: measureServe,
};
await runMeasurements(measurements, askedFor(process.argv.slice(2), 5));
