import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChainCall, WriteRequest } from '../../domain/chain-write.ts';
import type { SignedWrite } from '../../domain/signed-write.ts';
import { blocks, hotkey, netuid } from '../../domain/units.ts';
import { WriterBook } from '../../domain/writer-state.ts';

const weights = (period: number, weight = 65535): WriteRequest => ({
  key: `weights/1/0/${period}`,
  call: {
    kind: 'set_weights',
    netuid: netuid(1),
    mecid: 0,
    period: blocks(period),
    weights: [{ hotkey: hotkey('5A'), weight }],
    versionKey: '0',
  },
  deadline: null,
  replyTo: 'cycle',
});

const commitment = (text: string, deadline: number, key = `commitment/${text}`): WriteRequest => ({
  key,
  call: { kind: 'set_commitment', netuid: netuid(1), text },
  deadline: blocks(deadline),
  replyTo: 'cycle',
});

const signed: SignedWrite = {
  bytes: '0x01',
  hash: '0x02',
  nonce: 4,
  birth: { number: blocks(10), hash: '0x03' },
  eraBlocks: 8,
  uids: [1],
  values: [65535],
  dropped: [],
};

const included = {
  kind: 'included',
  extrinsicHash: '0x02',
  block: blocks(12),
  index: 1,
  uids: [1],
  values: [65535],
} as const;

/** The outcomes on their way, by key. */
const outcomes = (book: WriterBook) => book.state.outbox.map(({ request, outcome }) => [request.key, outcome.kind]);

describe('the book of a writer', () => {
  test('a key asked a hundred times is one write, and every asker is answered once', () => {
    const book = new WriterBook();
    for (let i = 0; i < 100; i++) book.accept({ ...commitment('a', 50), replyTo: `asker-${i % 3}` });
    expect(book.state.open).toHaveLength(1);
    book.settle('commitment/a', included);
    expect(book.pending?.replyTo).toEqual(['asker-0', 'asker-1', 'asker-2']);
  });

  test('a finished key is answered with its outcome again, and not recorded twice', () => {
    const book = new WriterBook();
    book.accept(commitment('a', 50));
    book.settle('commitment/a', included);
    book.delivered();
    book.accept(commitment('a', 50));
    expect(book.state.open).toHaveLength(0);
    expect(book.pending).toMatchObject({ outcome: included, record: false });
  });

  test('a finished key survives being handed to the next run as JSON', () => {
    const book = new WriterBook();
    book.accept(commitment('a', 50));
    book.settle('commitment/a', included);
    book.delivered();
    const next = new WriterBook(JSON.parse(JSON.stringify(book.state)));
    next.accept(commitment('a', 50));
    expect(next.pending?.outcome).toEqual(included);
  });

  test.each([
    ['while it is open', false],
    ['after it is finished', true],
  ])('another vector under the same key is refused %s', (_, finished) => {
    const book = new WriterBook();
    book.accept(weights(45));
    if (finished) book.settle('weights/1/0/45', included);
    book.accept(weights(45, 1));
    expect(book.state.outbox.at(-1)).toMatchObject({
      record: false,
      outcome: { kind: 'refused', code: 'OST_PROTECTION_CONFLICT' },
    });
  });

  test('a newer period supersedes the one that waits, which is recorded', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.wait('weights/1/0/45', blocks(100), 'OST_CHAIN_WEIGHTS_TOO_FAST', 'too fast');
    book.accept(weights(90));
    expect(book.pending).toMatchObject({ record: true, outcome: { kind: 'superseded', by: 'weights/1/0/90' } });
    expect(book.state.open.map(({ request }) => request.key)).toEqual(['weights/1/0/90']);
  });

  test('an older period that comes late is superseded at once, even after the newer one is finished', () => {
    const book = new WriterBook();
    book.accept(weights(90));
    book.settle('weights/1/0/90', included);
    book.accept(weights(45));
    expect(outcomes(book).at(-1)).toEqual(['weights/1/0/45', 'superseded']);
  });

  test('a signed vector is not superseded before its bytes are dead', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.sign('weights/1/0/45', signed);
    book.accept(weights(90));
    expect(outcomes(book)).toEqual([]);
    book.unsign('weights/1/0/45');
    expect(outcomes(book)).toEqual([['weights/1/0/45', 'superseded']]);
  });

  describe('a vector that is sent again', () => {
    const resend = (period: number) => {
      const { call } = weights(period);
      return { ...weights(period), key: `resend/1/0/${period}`, call: { ...call, resend: true } as ChainCall };
    };

    test('never takes the place of a vector of a cycle, however old that is', () => {
      const book = new WriterBook();
      book.accept(weights(45));
      book.accept(resend(360));
      expect(outcomes(book)).toEqual([['resend/1/0/360', 'superseded']]);
      expect(book.state.open.map(({ request }) => request.key)).toEqual(['weights/1/0/45']);
    });

    test('gives way to a vector of a cycle that comes while it waits, even one of an earlier block', () => {
      const book = new WriterBook();
      book.accept(resend(360));
      book.accept(weights(45));
      expect(outcomes(book)).toEqual([['resend/1/0/360', 'superseded']]);
      expect(book.state.open.map(({ request }) => request.key)).toEqual(['weights/1/0/45']);
    });

    test('does not make later vectors of cycles look old', () => {
      const book = new WriterBook();
      book.accept(resend(360));
      book.settle('resend/1/0/360', included);
      book.accept(weights(300));
      expect(book.state.open.map(({ request }) => request.key)).toEqual(['weights/1/0/300']);
    });

    test('takes the place of one that was to be sent again before it', () => {
      const book = new WriterBook();
      book.accept(resend(360));
      book.accept(resend(720));
      expect(outcomes(book)).toEqual([['resend/1/0/360', 'superseded']]);
    });
  });

  test('periods of different subnets and mechanisms do not meet', () => {
    const book = new WriterBook();
    const other = weights(45);
    const call: ChainCall = { ...other.call, netuid: netuid(2) };
    book.accept(weights(90));
    book.accept({ ...other, key: 'weights/2/0/45', call });
    expect(outcomes(book)).toEqual([]);
  });

  test('signed bytes go first, then commitments by their deadlines, then weights', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.accept(commitment('late', 90));
    book.accept(commitment('soon', 60));
    expect(book.next(null)?.request.key).toBe('commitment/soon');
    book.sign('weights/1/0/45', signed);
    expect(book.next(null)?.request.key).toBe('weights/1/0/45');
  });

  test('what waits is not worked on before its block, nor does it hold up the others', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.wait('weights/1/0/45', blocks(100), 'OST_CHAIN_WEIGHTS_TOO_FAST', 'too fast');
    expect(book.next(blocks(99))).toBeNull();
    expect(book.nextBlock()).toBe(100);
    book.accept(commitment('a', 60));
    expect(book.next(blocks(50))?.request.key).toBe('commitment/a');
    book.settle('commitment/a', included);
    expect(book.next(blocks(100))?.request.key).toBe('weights/1/0/45');
  });

  test('a waiting commitment is looked at again at its deadline', () => {
    const book = new WriterBook();
    book.accept(commitment('a', 60));
    book.wait('commitment/a', blocks(100), 'OST_CHAIN_NOT_REGISTERED', 'no uid');
    expect(book.nextBlock()).toBe(60);
    expect(book.next(blocks(60))?.request.key).toBe('commitment/a');
  });

  test('an operator ends the waits', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.wait('weights/1/0/45', blocks(100), 'OST_CHAIN_NO_PERMIT', 'no permit');
    expect(book.retry('weights/1/0/46')).toBe(0);
    expect(book.retry(null)).toBe(1);
    expect(book.next(null)).not.toBeNull();
  });

  test('an included write is watched until it is final; a reverted one whose bytes are dead is wanted again', () => {
    const book = new WriterBook();
    book.accept(weights(45));
    book.sign('weights/1/0/45', signed);
    book.include('weights/1/0/45', included, { number: blocks(12), hash: '0x0c' });
    expect(book.state.unfinal).toHaveLength(1);
    book.reopen('weights/1/0/45');
    expect(book.state).toMatchObject({ unfinal: [], finished: [], open: [{ signed: null, replyTo: [] }] });
  });

  test('every request ends in exactly one answer, whatever the order of events', () => {
    const step = fc.record({ period: fc.integer({ min: 1, max: 5 }), sign: fc.boolean(), weight: fc.constant(65535) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const book = new WriterBook();
        const asked = new Map<string, number>();
        for (const { period, sign, weight } of steps) {
          const request = weights(period * 45, weight);
          book.accept({ ...request, replyTo: `asker-${asked.size}` });
          asked.set(`asker-${asked.size}`, period);
          const write = book.next(null);
          if (sign && write !== null && write.signed === null) book.sign(write.request.key, signed);
        }
        for (let write = book.next(null); write !== null; write = book.next(null)) {
          if (write.signed !== null) book.unsign(write.request.key);
          book.settle(write.request.key, included);
        }
        const answered = book.state.outbox.flatMap(({ replyTo }) => replyTo);
        expect(answered.toSorted()).toEqual([...asked.keys()].toSorted());
      }),
    );
  });
});
