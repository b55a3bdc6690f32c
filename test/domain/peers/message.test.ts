import { describe, expect, test } from '@jest/globals';
import {
  bodyDigest,
  everybody,
  type PeerMessage,
  peerMessageBytes,
  statementOf,
} from '../../../domain/peers/message.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';

const message: PeerMessage = {
  purpose: 'merge-announce',
  genesis: `0x${'0f'.repeat(32)}`,
  netuid: netuid(102),
  cycle: 17,
  from: hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'),
  to: everybody,
  block: blocks(8338),
  body: '{}',
};
const text = (changed: Partial<PeerMessage> = {}): string =>
  new TextDecoder().decode(peerMessageBytes(statementOf({ ...message, ...changed })));

describe('what a peer message signs', () => {
  test('is these nine lines, for whoever writes a client', () => {
    expect(text()).toBe(
      [
        'ostinato/peer/1',
        'merge-announce',
        `0x${'0f'.repeat(32)}`,
        '102',
        '17',
        '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
        '*',
        '8338',
        '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      ].join('\n'),
    );
    expect(bodyDigest('{}')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('differs with every single field', () => {
    const other = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
    const changes: readonly Partial<PeerMessage>[] = [
      { purpose: 'merge-vouch' },
      { genesis: `0x${'00'.repeat(32)}` },
      { netuid: netuid(1) },
      { cycle: 18 },
      { from: other },
      { to: other },
      { block: blocks(8339) },
      { body: '{} ' },
    ];
    expect(new Set([text(), ...changes.map(text)]).size).toBe(changes.length + 1);
  });
});
