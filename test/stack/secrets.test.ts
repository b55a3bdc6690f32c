import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import temporalProto from '@temporalio/proto';
import { portHolderPid } from '../../adapters/processes/port-holder.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { testTemporal } from '../setup/temporal.ts';
import { type FreshWallet, freshWallet } from './fresh-wallet.ts';
import { playCycle } from './play-cycle.ts';
import { SecretSearch } from './secret-search.ts';
import { Stack } from './stack.ts';
import { startAll } from './start-all.ts';

const temporal = await testTemporal();
const names = ['validator', 'server', 'bob'] as const;

/** A process and all that came from it. */
function family(pid: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => {
        try {
          return [Number(name), Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1])] as const;
        } catch {
          return [Number(name), 0] as const;
        }
      }),
  );
  const within = (each: number): boolean => each === pid || (each > 1 && within(parents.get(each) ?? 0));
  return [...parents.keys()].filter(within);
}

let folder = '';
let stack: Stack;
let wallets: { readonly alice: FreshWallet; readonly bob: FreshWallet };
let search: SecretSearch;
const lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostinato-secrets-'));
  wallets = {
    alice: await freshWallet(folder, 'alice', 'environment'),
    bob: await freshWallet(folder, 'bob', 'file'),
  };
  search = new SecretSearch([...wallets.alice.secrets, ...wallets.bob.secrets]);
  stack = await Stack.open({
    temporal: { address: temporal.address, connection: temporal.client.connection },
    salt: 'secrets',
    schedule: [2, 2, 3, 3, 4, 4, 3, 3, 3],
    miners: ['bob'],
    steps: 4,
    wallets: new Map([
      ['alice', wallets.alice.wallet],
      ['bob', wallets.bob.wallet],
    ]),
    onLine: (line) => lines.push(JSON.stringify(line)),
  });
  await startAll(stack);
  await playCycle(stack, 0, 0);
}, 300_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const signers = (): readonly number[] => (['validator', 'bob'] as const).map((of) => stack.helper('signer', of).pid);

/** All processes of the run but the signing workers, by pid. */
const others = (): readonly number[] => {
  const roots = new ProcessRegistry(stack.folder).list().map(({ pid }) => pid);
  return [...new Set(roots.flatMap(family))].filter((pid) => !signers().includes(pid));
};

describe('a run with freshly generated wallets', () => {
  test('wrote weights with the key of an encrypted file', async () => {
    const ledger = await stack.ledger();
    const [entry] = await ledger.protection.list();
    expect(entry).toMatchObject({ hotkey: wallets.alice.hotkey, kind: 'cycle', sealed: false });
  });

  test.each(names)('leaves nothing of them in the histories of %s', async (name) => {
    const client = stack.client(name);
    let events = 0;
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      events += history.events?.length ?? 0;
      const bytes = temporalProto.temporal.api.history.v1.History.encode(history).finish();
      expect([...search.inBytes(Buffer.from(bytes))]).toEqual([]);
    }
    expect(events).toBeGreaterThan(50);
  });

  test('leaves nothing of them in its logs, its ledger and the rest of its state folder', () => {
    expect(lines.length).toBeGreaterThan(50);
    expect([...search.inBytes(Buffer.from(lines.join('\n')))]).toEqual([]);
    expect([...search.inFolder(stack.folder)]).toEqual([]);
    expect(readdirSync(stack.pathOf('validator'))).toContain('ledger.sqlite');
  });

  test('leaves nothing of them in the memory of any process but the signing workers', () => {
    const pids = others();
    // Validator, model server, miner, evaluator and trainer.
    expect(pids.length).toBeGreaterThanOrEqual(4);
    for (const pid of pids) {
      const { found, bytes } = search.inProcess(pid);
      expect({ pid, found: [...found] }).toEqual({ pid, found: [] });
      expect(bytes).toBeGreaterThan(10 * 2 ** 20);
    }
  });

  test('leaves nothing of them in the memory of the Temporal server, where its database is, too', () => {
    const pid = portHolderPid(Number(temporal.address.split(':').at(-1))) ?? 0;
    const { found, bytes } = search.inProcess(pid);
    expect([...found]).toEqual([]);
    expect(bytes).toBeGreaterThan(50 * 2 ** 20);
  });

  test('keeps the password in an open file that only the validator and its signing worker have', () => {
    const holders = [...others(), ...signers()].filter((pid) =>
      readdirSync(`/proc/${pid}/fd`).some((fd) => {
        try {
          return /\/ostinato\.\w+ \(deleted\)$/.test(readlinkSync(`/proc/${pid}/fd/${fd}`));
        } catch {
          return false;
        }
      }),
    );
    const parents = new ProcessRegistry(stack.folder)
      .list()
      .filter(({ role }) => ['validator', 'miner'].includes(role))
      .map(({ pid }) => pid);
    expect(holders.toSorted()).toEqual([...parents, ...signers()].toSorted());
  });

  test('would have been found out: the search finds each key in the memory of its signing worker', () => {
    const [validator, bob] = signers().map((pid) => [...search.inProcess(pid).found]);
    expect(validator).toContain('private key of alice as raw');
    expect(bob).toContain('private key of bob as raw');
    expect(validator?.filter((what) => what.includes('bob'))).toEqual([]);
    expect(bob?.filter((what) => what.includes('alice'))).toEqual([]);
  });

  test('would have been found out: the search finds every secret in every form in another process', async () => {
    const { secrets } = wallets.alice;
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `let text = ''; process.stdin.on('data', (chunk) => { text += chunk; }).on('end', () => {
          globalThis.kept = JSON.parse(text).map((hex) => {
            const raw = Buffer.from(hex, 'hex');
            const shifted = (n) => Buffer.concat([Buffer.alloc(n, 65), raw, Buffer.alloc(3, 65)]);
            const texts = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((n) =>
              [shifted(n).toString('base64'), shifted(n).toString('base64url')])];
            return [raw, Buffer.from(raw.toString('latin1'), 'utf16le'), ...texts.map((each) => Buffer.from(each))];
          });
          process.stdout.write('kept');
          setInterval(() => globalThis.kept, 1000);
        });`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    try {
      holder.stdin.end(JSON.stringify(secrets.map(({ bytes }) => Buffer.from(bytes).toString('hex'))));
      await once(holder.stdout, 'data');
      const { found } = search.inProcess(holder.pid ?? 0);
      const kinds = ['raw', 'UTF-16', 'hex', 'hex in capitals'];
      const forms = [...kinds, ...[0, 1, 2].flatMap((at) => [`base64 at ${at}`, `base64url at ${at}`])];
      const wanted = secrets.flatMap(({ name }) => forms.map((form) => `${name} as ${form}`));
      expect(wanted.filter((what) => !found.has(what))).toEqual([]);
    } finally {
      holder.kill('SIGKILL');
    }
  });
});

describe('a signing worker', () => {
  test('leaves no core: neither a file nor, to a handler, its memory', () => {
    for (const pid of signers()) {
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
      expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim()).toBe('00000000');
    }
  });
});
