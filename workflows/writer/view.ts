import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { WriterBook } from '../../domain/writer-state.ts';
import type { Alarm, FinishedWrite, OpenWrite, Reveal, WriterState } from '../../domain/writer-types.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import type { WriterInput } from './input.ts';
import type { WriterStatus } from './messages.ts';
import { foreignText } from './write.ts';

const shownFinished = 10;

/** What a write is at, in words. */
function stateOf({ signed, wait, signatures }: OpenWrite): string {
  const times = signatures > 1 ? `, ${signatures} signatures` : '';
  if (wait !== null) return `waits for block ${wait.block} (${wait.code})${times}`;
  return signed === null ? `queued${times}` : `signed, nonce ${signed.nonce}, ${signed.hash}${times}`;
}

export const statusOf = ({ state }: WriterBook): WriterStatus => ({
  open: state.open.map((write) => ({
    key: write.request.key,
    kind: write.request.call.kind,
    state: stateOf(write),
    hash: write.signed?.hash ?? null,
    wait: write.wait,
  })),
  notFinal: state.unfinal.map(({ request }) => request.key),
  finished: state.finished.map(({ key, outcome }) => ({ key, outcome: outcome.kind })),
  committed: state.reveals.map(({ request, signed, block }) => ({
    key: request.key,
    road: signed.commit?.road ?? 'plain',
    block: block.number,
  })),
  alarms: state.alarms.map(({ key, code, detail }) => ({ key, code, detail })),
  stopped: stopOf(state),
});

function stopOf({ foreign, retired }: WriterState): string | null {
  if (foreign !== null) return `OST_WRITER_FOREIGN_WRITE: ${foreignText(foreign)}`;
  return retired ? 'OST_WRITER_RETIRED: the operator decided for another deployment' : null;
}

/** Codes of waits that end only when somebody stakes, registers or updates. */
const operatorCodes: ReadonlySet<string> = new Set([
  'OST_CHAIN_NO_PERMIT',
  'OST_CHAIN_LOW_STAKE',
  'OST_CHAIN_NOT_REGISTERED',
  'OST_CHAIN_VERSION_KEY',
]);

/** Shows the Temporal UI what is open and what was settled last, and whether an operator has to do something. */
export class WriterView {
  readonly #input: WriterInput;
  #needsOperator = false;

  constructor(input: WriterInput) {
    this.#input = input;
    upsertSearchAttributes([
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.role, value: 'writer' },
      { key: keys.needsOperator, value: false },
    ]);
  }

  show(book: WriterBook): void {
    const { open, finished, reveals, alarms, foreign } = book.state;
    const stop = stopOf(book.state);
    const needsOperator =
      foreign !== null || alarms.length > 0 || open.some(({ wait }) => wait !== null && operatorCodes.has(wait.code));
    if (needsOperator !== this.#needsOperator) {
      this.#needsOperator = needsOperator;
      upsertSearchAttributes([{ key: keys.needsOperator, value: needsOperator }]);
    }
    const lines = [
      `Writer of \`${this.#input.hotkey}\` on \`${this.#input.chain}\``,
      '',
      ...(stop === null
        ? []
        : [`**Writing has stopped.** ${stop}`, '', ...(foreign === null ? [] : [howToResolve, ''])]),
      ...(alarms.length === 0 ? [] : ['**Alarms**', '', ...alarms.map(alarmLine), '']),
      ...(open.length === 0 ? ['**Nothing is open.**'] : ['**Open**', '', ...open.map(openLine)]),
      '',
      ...(reveals.length === 0 ? [] : ['**Committed, not opened**', '', ...reveals.map(revealLine), '']),
      ...(finished.length === 0 ? [] : ['**Settled last**', '']),
      ...finished.slice(-shownFinished).toReversed().map(finishedLine),
    ];
    setCurrentDetails(lines.join('\n'));
  }
}

const howToResolve = 'Stop one of the two deployments, then: `ostinato writer resolve this` or `… other`.';

const alarmLine = ({ key, code, detail, block }: Alarm): string => `- ${key}: ${code} at block ${block}: ${detail}`;

/** Never the salt: whoever can read this page is not everybody who may know the vector. */
const revealLine = ({ request, signed, block, opening }: Reveal): string =>
  `- ${request.key}: ${signed.commit?.road ?? 'plain'}, block ${block.number}${opening ? ', being opened' : ''}`;

const openLine = (write: OpenWrite): string => `- ${write.request.key}: ${stateOf(write)}`;

function finishedLine({ key, outcome }: FinishedWrite): string {
  switch (outcome.kind) {
    case 'included': {
      const { block, extrinsicHash, uids, values, road } = outcome;
      const vector = uids.map((uid, index) => `uid ${uid} = ${values[index]}`).join(', ');
      return `- ${key}: ${road === undefined ? 'included' : `committed (${road})`} in block ${block}, \`${extrinsicHash}\`${vector === '' ? '' : ` (${vector})`}`;
    }
    case 'already':
      return `- ${key}: already on chain at block ${outcome.block}`;
    case 'superseded':
      return `- ${key}: superseded by ${outcome.by}`;
    case 'refused':
      return `- ${key}: refused with ${outcome.code}: ${outcome.detail}`;
    case 'deadline':
      return `- ${key}: deadline ${outcome.deadline} passed: ${outcome.detail}`;
    case 'withheld':
      return `- ${key}: withheld in mode ${outcome.mode}`;
  }
}
