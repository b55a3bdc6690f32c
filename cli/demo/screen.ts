import { createLogUpdate } from 'log-update';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { phaseAt, type Schedule } from '../../domain/phases.ts';
import { DemoEvents } from './events.ts';
import { type Addresses, frame, type Size } from './render.ts';
import { emptyView, nextView } from './view-state.ts';

/** Where the demo shows what happens: a live view on a terminal, lines anywhere else. */
export interface Screen {
  readonly events: DemoEvents;
  /** A line of the demo itself. */
  readonly say: (line: string) => void;
  /** A log line of one of its processes. */
  line(source: string, line: LogLine): void;
  /** From now on blocks are followed and the addresses shown. */
  connect(addresses: Addresses, chain: ChainClient, stop: AbortSignal): void;
  close(): void;
}

const redrawMs = 250;
/** A terminal that does not say how large it is is as small as they get. */
const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({ columns: columns || 80, rows: rows || 24 });
/** Lines that only a live view can use. */
const quiet = new Set(['chain_account', 'config_loaded', 'head', 'optimizer_step', 'training_step', 'temporal_ready']);

export function openScreen(live: boolean, schedule: Schedule): Screen {
  const events = new DemoEvents();
  const draw = live ? createLogUpdate(process.stdout, { showCursor: true }) : null;
  let view = emptyView;
  let addresses: Addresses | null = null;
  let closed = false;
  const timer =
    draw === null
      ? null
      : setInterval(() => {
          if (addresses !== null) draw(frame(view, addresses, sizeOf(process.stdout)));
        }, redrawMs);
  const write = (text: string): void => {
    if (draw === null || addresses === null) process.stdout.write(`${text}\n`);
  };
  const line: Screen['line'] = (source, entry) => {
    events.see(source, entry);
    view = nextView(view, source, entry);
    const step = entry.event === 'training_step' ? Number(entry.fields['step']) : null;
    const shown = step === null ? !quiet.has(entry.event ?? '') : step % 20 === 0;
    if (shown && entry.msg !== '' && entry.level >= 30) write(`${source.padEnd(9)} ${entry.msg}`);
  };
  return {
    events,
    say: (text) => write(`demo      ${text}`),
    line,
    connect(found, chain, stop) {
      addresses = found;
      if (draw === null) {
        process.stdout.write(`demo      Temporal UI ${found.temporalUi ?? 'not ours'}\n`);
        process.stdout.write(`demo      Model server ${found.modelServer}, chain ${found.chain}\n`);
      }
      followBlocks(chain, schedule, stop, (entry) => line('chain', entry)).catch((error: unknown) => {
        if (!stop.aborted && !closed) line('demo', { msg: String(error), level: 40, fields: {} });
      });
    },
    close() {
      if (closed) return;
      closed = true;
      if (timer !== null) clearInterval(timer);
      if (draw !== null && addresses !== null) draw(frame(view, addresses, sizeOf(process.stdout)));
      draw?.done();
      addresses = null;
    },
  };
}

async function followBlocks(
  chain: ChainClient,
  schedule: Schedule,
  stop: AbortSignal,
  tell: (line: LogLine) => void,
): Promise<void> {
  for await (const { number } of chain.heads({ signal: stop })) {
    const { phase, blocksLeft, cycle } = phaseAt(schedule, number);
    const fields = { event: 'head', block: number, phase, blocksLeft, cycle };
    tell({ event: 'head', msg: `Block ${number}`, level: 30, fields });
  }
}
