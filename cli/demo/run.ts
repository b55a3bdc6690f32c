import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectChain } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { acquireStateLock } from '../../adapters/processes/state-lock.ts';
import { hotkey as asHotkey } from '../../domain/units.ts';
import { readIdentity } from '../identity.ts';
import { aborted, stopSignal } from '../stop-signal.ts';
import { demoDeployments, folderOf } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { type CycleReport, reportOf, writeReport } from './report.ts';
import { scoreTable } from './score-table.ts';
import { openScreen } from './screen.ts';
import { startStack } from './stack.ts';
import { watchCycles } from './watch-cycles.ts';

export interface DemoOptions {
  readonly cycles?: number;
  readonly report?: string;
  readonly state: string;
  readonly temporal?: string;
  readonly blockTime: number;
  readonly serverPort?: number;
  readonly chainPort?: number;
  readonly plain?: boolean;
}

/** `npm start`: the whole of a subnet on this machine, until Ctrl-C or until enough cycles are complete. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stop = stopSignal();
  const stateFolder = resolve(options.state);
  await mkdir(join(stateFolder, 'run'), { recursive: true });
  await using opened = new AsyncDisposableStack();
  const lock = acquireStateLock(stateFolder, 'demo');
  opened.defer(() => lock.release());
  const screen = openScreen(options.plain !== true && process.stdout.isTTY === true);
  opened.defer(() => screen.close());
  await endLeftovers(stateFolder, screen.say);

  const stack = opened.adopt(await startStack({ ...options, stateFolder }, screen, stop), (each) => each.stop());
  const [validator] = demoDeployments;
  if (validator === undefined) throw new RangeError('the demo has no validator');
  const folder = folderOf(stateFolder, validator);
  const identity = await readIdentity(folder);
  const hotkey = asHotkey(identity?.hotkey ?? '');
  const ledger = opened.adopt(await openLedger({ file: join(folder, 'ledger.sqlite') }), (each) => each.close());
  const chain = opened.adopt(await connectChain({ endpoints: [stack.chainUrl] }), (each) => each.close());
  screen.connect(stack.addresses, chain, stop);

  const cycles = await Promise.race([
    watchCycles({ events: screen.events, ledger, hotkey, wanted: options.cycles ?? null, signal: stop }),
    aborted(stop).then(() => null),
    stack.failed,
  ]);
  const reports = await reportOf(ledger, chain, hotkey, cycles ?? screen.events.finishedCycles());
  screen.close();
  await finish(options, reports);
}

async function finish({ report, cycles }: DemoOptions, reports: readonly CycleReport[]): Promise<void> {
  if (cycles !== undefined) {
    for (const each of reports) process.stdout.write(`\n${scoreTable(each)}\n`);
  }
  if (report !== undefined) {
    await writeReport(report, { cycles: reports });
    process.stdout.write(`Report written to ${resolve(report)}\n`);
  }
}
