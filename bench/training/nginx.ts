import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An nginx that serves a folder, as the anchor of what a machine can do. */
export interface Nginx extends AsyncDisposable {
  readonly url: string;
  /** Its workers' and its own. */
  readonly pids: () => Promise<readonly number[]>;
}

/** Starts nginx over a folder; `locations` are lines of its configuration. Null where it is not installed. */
export async function startNginx(folder: string, port: number, locations: string): Promise<Nginx | null> {
  const place = join(folder, 'nginx');
  await mkdir(place, { recursive: true });
  const conf = `
    worker_processes 2; daemon off; pid ${place}/pid; error_log ${place}/error.log; user root;
    events { worker_connections 64; }
    http {
      access_log off; sendfile on; tcp_nopush on; etag off;
      client_body_temp_path ${place}/body; proxy_temp_path ${place}/proxy; fastcgi_temp_path ${place}/fastcgi;
      uwsgi_temp_path ${place}/uwsgi; scgi_temp_path ${place}/scgi;
      server { listen 127.0.0.1:${port}; root ${folder}; ${locations} }
    }`;
  await writeFile(join(place, 'nginx.conf'), conf);
  const nginx = spawn('nginx', ['-p', place, '-c', join(place, 'nginx.conf'), '-e', join(place, 'error.log')], {
    stdio: 'inherit',
  });
  if (!(await isRunning(nginx))) return null;
  const url = `http://127.0.0.1:${port}`;
  await answers(url);
  return {
    url,
    async pids() {
      const own = nginx.pid ?? 0;
      const children = await readFile(`/proc/${own}/task/${own}/children`, 'utf8');
      return [own, ...children.trim().split(/\s+/).map(Number)];
    },
    async [Symbol.asyncDispose]() {
      const ended = once(nginx, 'exit');
      nginx.kill('SIGQUIT');
      await ended;
    },
  };
}

const isRunning = (child: ChildProcess): Promise<boolean> =>
  Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)]).catch(() => false);

/** Waits until something listens there, whatever it says. */
export async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url, { method: 'HEAD' }).catch(() => null);
    if (answer !== null) return;
    await sleep(25);
  }
  throw new Error(`nothing answers at ${url}`);
}
