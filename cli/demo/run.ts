import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectChain } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { acquireStateLock } from '../../adapters/processes/state-lock.ts';
import { fail } from '../../domain/errors/error.ts';
import { hotkey as asHotkey } from '../../domain/units.ts';
import { readIdentity } from '../identity.ts';
import { aborted, stopSignal } from '../stop-signal.ts';
import { agreementLines, type ValidatorReport } from './agreement-lines.ts';
import { folderOf } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { type DemoSize, demoParties, demoSchedule, largest, smallest } from './parties.ts';
import { reportOf, writeReport } from './report.ts';
import { scoreTable } from './score-table.ts';
import { openScreen } from './screen.ts';
import { startStack } from './stack.ts';
import { type WatchedValidator, watchCycles } from './watch-cycles.ts';

export interface DemoOptions {
  readonly cycles?: number;
  readonly report?: string;
  readonly state: string;
  readonly temporal?: string;
  readonly blockTime: number;
  readonly steps?: number;
  readonly serverPort?: number;
  readonly chainPort?: number;
  readonly plain?: boolean;
  readonly validators: number;
  readonly miners: number;
}

/** `npm start`: the whole of a subnet on this machine, until Ctrl-C or until enough cycles are complete. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stop = stopSignal();
  const size = sizeOf(options);
  const stateFolder = stateFolderOf(options, size);
  await mkdir(join(stateFolder, 'run'), { recursive: true });
  await using opened = new AsyncDisposableStack();
  const lock = acquireStateLock(stateFolder, 'demo');
  opened.defer(() => lock.release());
  const screen = openScreen(options.plain !== true && process.stdout.isTTY === true, demoSchedule(size));
  opened.defer(() => screen.close());
  // A training saves its state first: seconds, in which nobody shall wonder whether the key was heard.
  const tellStop = () => {
    screen.close();
    screen.say('Stopping');
  };
  stop.addEventListener('abort', tellStop, { once: true });
  await endLeftovers(stateFolder, screen.say);

  const stack = opened.adopt(await startStack({ ...options, ...size, stateFolder }, screen, stop), (each) =>
    each.stop(),
  );
  const validators: WatchedValidator[] = [];
  for (const party of demoParties(size).filter(({ role }) => role === 'validator')) {
    const folder = folderOf(stateFolder, party);
    const identity = await readIdentity(folder);
    const ledger = opened.adopt(await openLedger({ file: join(folder, 'ledger.sqlite') }), (each) => each.close());
    validators.push({ name: party.name, hotkey: asHotkey(identity?.hotkey ?? ''), ledger });
  }
  const chain = opened.adopt(await connectChain({ endpoints: [stack.chainUrl] }), (each) => each.close());
  screen.connect(stack.addresses, chain, stop);

  const { events } = screen;
  const cycles = await Promise.race([
    watchCycles({ events, validators, wanted: options.cycles ?? null, signal: stop }),
    aborted(stop).then(() => null),
    stack.failed,
  ]);
  const reports: ValidatorReport[] = [];
  for (const { name, hotkey, ledger } of validators) {
    const shown = cycles ?? events.finishedCycles(validators.length);
    reports.push({ name, hotkey, cycles: await reportOf(ledger, chain, hotkey, shown) });
  }
  screen.close();
  await finish(options, reports);
}

function sizeOf({ validators, miners }: DemoOptions): DemoSize {
  if (validators > largest.validators || miners > largest.miners) {
    throw fail('OST_DEMO_TOO_LARGE', { ...largest });
  }
  return { validators, miners };
}

/** A chain's first block says who is registered, so that demos of other sizes have chains and files of their own. */
function stateFolderOf({ state }: DemoOptions, { validators, miners }: DemoSize): string {
  const usual = validators === smallest.validators && miners === smallest.miners;
  return usual ? resolve(state) : resolve(state, `demo-${validators}x${miners}`);
}

async function finish({ report, cycles }: DemoOptions, reports: readonly ValidatorReport[]): Promise<void> {
  // The first one's tables stand for all: what the others say otherwise is in the lines below each.
  const own = reports[0]?.cycles ?? [];
  if (cycles !== undefined) {
    for (const each of own) {
      process.stdout.write(`\n${[scoreTable(each), ...agreementLines(reports, each.cycle)].join('\n')}\n`);
    }
  }
  if (report !== undefined) {
    await writeReport(report, { cycles: own, validators: reports });
    process.stdout.write(`Report written to ${resolve(report)}\n`);
  }
}
