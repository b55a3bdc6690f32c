import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { download } from '../../../adapters/artifacts/transfer/download.ts';
import { signedBy } from '../../../adapters/peers/check.ts';
import { artifactUrl, deliver, listMessages } from '../../../adapters/peers/client.ts';
import type { PeerAccess } from '../../../domain/peers/access.ts';
import { everybody, type PeerMessage, type SignedPeerMessage } from '../../../domain/peers/message.ts';
import { blockMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, netuid, uid } from '../../../domain/units.ts';
import { type TemporaryLedger, temporaryLedger } from '../../adapters/ledger/temporary-ledger.ts';
import { cycle, type Person, people, ServerFixture } from '../model/fixture.ts';

const genesis = `0x${'ab'.repeat(32)}` as const;
const scope = { genesis, netuid: netuid(1), cycle };

let fixture: ServerFixture;
let ledger: TemporaryLedger;
beforeEach(async () => {
  ledger = await temporaryLedger();
  fixture = await ServerFixture.create();
  await fixture.start({ token: 'geheim', peers: { ...scope, messages: ledger.ledger.peers } });
});
afterEach(async () => {
  await fixture.end();
  await ledger[Symbol.asyncDispose]();
});

/** A message that is right in every way, with changes before it is signed. */
function message(by: Person, changes: Partial<PeerMessage> = {}): SignedPeerMessage {
  const right: PeerMessage = {
    ...scope,
    purpose: 'merge-announce',
    from: by.hotkey,
    to: everybody,
    block: fixture.head,
    body: '{"gradients":[]}',
    ...changes,
  };
  return signedBy(right, (bytes) => encodeSignature(by.sign(bytes)));
}

const access = (by: Person): PeerAccess => ({
  url: fixture.url,
  target: people.validator.hotkey,
  origin: by.hotkey,
  block: fixture.head,
  signature: encodeSignature(by.sign(blockMessage(people.validator.publicKey, fixture.head))),
});

const refused = (code: string) => ({ code: 'OST_PEER_REFUSED', params: { code } });
const list = () => ledger.ledger.peers.list({ ...scope, purpose: 'merge-announce' });

describe('a message of a validator', () => {
  test('is kept with the block at which it came, and the same once more changes nothing', async () => {
    const sent = message(people.peer);
    expect(await deliver(fixture.url, sent)).toBe('new');
    const cameAt = fixture.head;
    fixture.head = blocks(cameAt + 2);
    expect(await deliver(fixture.url, sent)).toBe('known');
    expect(await deliver(fixture.url, message(people.peer))).toBe('known');
    expect(await list()).toEqual([{ message: sent, receivedAtBlock: cameAt }]);
  });

  test('that says something else is kept beside the first, and a third is refused: two show enough', async () => {
    for (const body of ['1', '2']) expect(await deliver(fixture.url, message(people.peer, { body }))).toBe('new');
    await expect(deliver(fixture.url, message(people.peer, { body: '3' }))).rejects.toMatchObject(
      refused('OST_PEER_CONTRADICTS'),
    );
    expect((await list()).map(({ message: { body } }) => body).toSorted()).toEqual(['1', '2']);
  });

  const wrong: readonly (readonly [string, string, () => unknown])[] = [
    ['is of a miner', 'OST_PEER_NO_PERMIT', () => message(people.miner)],
    ['is of nobody', 'OST_HTTP_NOT_REGISTERED', () => message(people.stranger)],
    ['is in another’s name', 'OST_HTTP_SIGNATURE', () => ({ ...message(people.peer), from: people.other.hotkey })],
    ['was changed', 'OST_HTTP_SIGNATURE', () => ({ ...message(people.peer), body: '{}' })],
    ['was given another purpose', 'OST_HTTP_SIGNATURE', () => ({ ...message(people.peer), purpose: 'merge-vouch' })],
    ['was signed long ago', 'OST_HTTP_STALE_BLOCK', () => message(people.peer, { block: blocks(fixture.head - 11) })],
    ['was signed for the future', 'OST_HTTP_STALE_BLOCK', () => message(people.peer, { block: blocks(800) })],
    ['is for another server', 'OST_HTTP_OTHER_TARGET', () => message(people.peer, { to: people.other.hotkey })],
    ['is of another cycle', 'OST_PEER_CYCLE', () => message(people.peer, { cycle: cycle + 1 })],
    ['is of another subnet', 'OST_PEER_OTHER_SUBNET', () => message(people.peer, { netuid: netuid(2) })],
    ['is of another chain', 'OST_PEER_OTHER_SUBNET', () => message(people.peer, { genesis: `0x${'cd'.repeat(32)}` })],
    ['says nothing known', 'OST_PEER_MALFORMED', () => ({ ...message(people.peer), purpose: 'gossip' })],
    ['has a body that is no text', 'OST_PEER_MALFORMED', () => ({ ...message(people.peer), body: { a: 1 } })],
    ['has lines where a number belongs', 'OST_PEER_MALFORMED', () => ({ ...message(people.peer), cycle: '10\n11' })],
    ['is too long', 'OST_PEER_MALFORMED', () => message(people.peer, { body: 'x'.repeat(256 * 1024 + 1) })],
    ['is far too long', 'OST_HTTP_BAD_REQUEST', () => message(people.peer, { body: 'x'.repeat(600 * 1024) })],
    ['is no message', 'OST_PEER_MALFORMED', () => ['merge-announce']],
  ];
  test.each(wrong)('that %s is refused with %s and not kept', async (_, code, make) => {
    await expect(deliver(fixture.url, make() as SignedPeerMessage)).rejects.toMatchObject(refused(code));
    expect(await list()).toEqual([]);
  });

  test('addressed to this very server is as good as one to all', async () => {
    const sent = message(people.peer, { to: people.validator.hotkey });
    expect(await deliver(fixture.url, sent)).toBe('new');
    expect((await list()).map((each) => each.message)).toEqual([sent]);
  });

  test('of a validator that runs wild is refused, and another’s is still taken', async () => {
    fixture.registrations.set(people.other.hotkey, { uid: uid(2), validatorPermit: true });
    const sent = message(people.peer);
    for (let i = 0; i < 240; i++) await deliver(fixture.url, sent);
    await expect(deliver(fixture.url, sent)).rejects.toMatchObject({ code: 'OST_PEER_UNREACHABLE' });
    expect(await deliver(fixture.url, message(people.other))).toBe('new');
  });
});

describe('what a validator holds', () => {
  test('is listed for its peers with its authors’ signatures, by purpose and cycle', async () => {
    const sent = message(people.peer);
    const own = message(people.validator);
    await deliver(fixture.url, sent);
    await ledger.ledger.peers.record(own, fixture.head);
    await ledger.ledger.peers.record(message(people.peer, { purpose: 'merge-vouch' }), fixture.head);
    const found = await listMessages(access(people.peer), { purpose: 'merge-announce', cycle });
    expect(found.map((each) => each.message)).toEqual([sent, own].toSorted((a, b) => (a.from < b.from ? -1 : 1)));
    expect(await listMessages(access(people.peer), { purpose: 'merge-announce', cycle: 9 })).toEqual([]);
  });

  test('is for validators alone', async () => {
    for (const [by, code] of [
      [people.miner, 'OST_PEER_NO_PERMIT'],
      [people.stranger, 'OST_HTTP_NOT_REGISTERED'],
    ] as const) {
      const asked = listMessages(access(by), { purpose: 'merge-announce', cycle });
      await expect(asked).rejects.toMatchObject(refused(code));
    }
    const forged = { ...access(people.miner), origin: people.peer.hotkey };
    await expect(listMessages(forged, { purpose: 'merge-announce', cycle })).rejects.toMatchObject(
      refused('OST_HTTP_SIGNATURE'),
    );
  });

  test('an artefact comes by its digest, in ranges, and again with the same signature', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ostinato-peer-'));
    const { digest, bytes } = fixture.manifest.full;
    const url = artifactUrl(access(people.peer), digest);
    for (const name of ['one', 'two']) {
      const to = join(folder, name);
      expect(await download({ url, to, expected: { digest, bytes } })).toMatchObject({ digest, bytes });
      expect(await readFile(to)).toEqual(await readFile(fixture.store.path(digest)));
    }
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10]);
    const missing = artifactUrl(access(people.peer), 'ab'.repeat(32));
    await expect(download({ url: missing, to: join(folder, 'no') })).rejects.toMatchObject({
      code: 'OST_TRANSFER_REFUSED',
      params: { code: 'OST_PEER_NO_ARTIFACT' },
    });
    const stranger = artifactUrl(access(people.miner), digest);
    await expect(download({ url: stranger, to: join(folder, 'no') })).rejects.toMatchObject({
      params: { code: 'OST_PEER_NO_PERMIT' },
    });
    await rm(folder, { recursive: true });
  });
});

describe('a peer that cannot be talked to', () => {
  test('is unreachable where nobody listens, and may be asked again', async () => {
    const error = await deliver('http://127.0.0.1:9', message(people.peer)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'OST_PEER_UNREACHABLE', retryable: true });
  });

  test('is left out where its answer is none', async () => {
    const { createServer } = await import('node:http');
    const answers = ['nonsense', '{"messages":3}', '[]'];
    const server = createServer((_, response) => response.end(answers.shift() ?? '{"messages":[{"message":{}}, 7]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const asked = () => listMessages({ ...access(people.peer), url }, { purpose: 'merge-announce', cycle });
    for (let i = 0; i < 3; i++) await expect(asked()).rejects.toMatchObject({ code: 'OST_PEER_ANSWER' });
    expect(await asked()).toEqual([]);
    server.close();
  });
});
