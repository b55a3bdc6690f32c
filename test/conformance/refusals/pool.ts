import { setTimeout as delay } from 'node:timers/promises';
import { extrinsicHash } from '../../../adapters/chain/block.ts';
import type { Hex } from '../../../domain/units.ts';
import { single } from '../check.ts';
import { type Attempt, call, type Outcome, sign, submit } from '../send.ts';
import { hasItem } from '../state.ts';
import { absent, expectThat } from '../verdict.ts';
import { attemptOf, envelope, nonceOf, remembered, submitted } from './envelope.ts';
import { needsRoot, type Round, type Stage, stageOf } from './round.ts';

/** As many as fill three quarters of a block by their declared weight, whatever a runtime declares for one. */
const tooMany = 200;

/** More than a pool holds on a chain that is there for this suite; nobody fills a node's own 8,192. */
const mostPooled = 128;

const signed = async (stage: Stage, attempt: Attempt, nonce?: number): Promise<Hex> => {
  const envelope = {
    nonce: nonce ?? (await stage.client.nextNonce(attempt.signer.hotkey)),
    birth: await stage.client.head(),
  };
  return sign(stage, attempt, envelope).bytes;
};

/** Whether a pool knows what it holds; one that does not has no limits either. */
async function ensurePool(stage: Stage): Promise<void> {
  const bytes = await signed(stage, attemptOf(stage));
  await submit(stage, bytes);
  const again = await submitted(stage, bytes);
  await stage.advance();
  remembered(again);
}

const refusals = [
  envelope('AncientBirthBlock', async (stage) => {
    const birth = await stage.client.block((await stage.client.head()).number - 3);
    const { bytes } = sign(stage, attemptOf(stage), { nonce: await nonceOf(stage), birth });
    // What 2,400 blocks would do to it.
    await stage.staged.set([{ pallet: 'System', item: 'BlockHash', keys: [birth.number], value: null }]);
    return submitted(stage, bytes);
  }),
  envelope('ExhaustsResources', async (stage) => {
    const weights = call(stage, 'SubtensorModule', 'set_weights', stage.netuid, [], [], 0);
    const method = call(
      stage,
      'Utility',
      'force_batch',
      Array.from({ length: tooMany }, () => weights),
    );
    return submitted(stage, await signed(stage, { signer: stage.staged.other, method }));
  }),
  envelope('Call (calls in calls)', async (stage) => {
    const { signer } = attemptOf(stage);
    let { method } = attemptOf(stage);
    for (let depth = 1; depth < 9; depth++)
      method = call(stage, 'Proxy', 'proxy', stage.staged.miner.hotkey, null, method);
    const outcome = await submitted(stage, await signed(stage, { signer, method }));
    await stage.advance();
    if (outcome.kind === 'lost') throw absent('calls may lie in calls as deep as they like');
    return outcome;
  }),
  envelope('temporarily banned', async (stage) => {
    await ensurePool(stage);
    const { poor, other } = stage.staged;
    // Valid when it comes, and not any more when the block gets to it.
    const spent = call(stage, 'Balances', 'transfer_all', other.hotkey, true);
    const nonce = await stage.client.nextNonce(poor.hotkey);
    const late = await signed(stage, { signer: poor, method: attemptOf(stage).method }, nonce + 1);
    await submit(stage, await signed(stage, { signer: poor, method: spent }, nonce));
    await submit(stage, late);
    await stage.advance();
    return submitted(stage, late);
  }),
  envelope('pool full', async (stage) => {
    await ensurePool(stage);
    const nonce = await nonceOf(stage);
    let outcome: Outcome = { kind: 'lost' };
    for (let sent = 0; sent < mostPooled && outcome.kind === 'lost'; sent++) {
      outcome = await submitted(stage, await signed(stage, attemptOf(stage), nonce + sent));
    }
    await stage.advance();
    return outcome;
  }),
] as const;

/** No refusal: a node keeps it until the nonce before it comes. */
const ahead = {
  name: 'pool: a nonce that is ahead waits for the one before it',
  run: async (ground: Parameters<typeof stageOf>[0]) => {
    const stage = stageOf(ground);
    if (stage === null) throw needsRoot();
    const nonce = await nonceOf(stage);
    const [first, second] = [
      await signed(stage, attemptOf(stage), nonce),
      await signed(stage, attemptOf(stage), nonce + 1),
    ];
    const patience = new AbortController();
    const watch = stage.client.submit(second, patience.signal);
    await Promise.race([watch, delay(500)]);
    patience.abort();
    const status = await watch;
    await stage.advance();
    const told = status.kind === 'pool' ? status.status : status.kind;
    if (told !== 'future') throw absent('its pool keeps nothing for later');
    await submit(stage, first);
    await stage.advance();
    const { extrinsics } = await stage.client.body((await stage.client.head()).hash);
    const hashes = extrinsics.map(extrinsicHash);
    expectThat(
      [first, second].every((bytes) => hashes.includes(extrinsicHash(bytes))),
      'the block holds both',
    );
  },
};

export const poolChecks = [...refusals, ahead].map(single);

/** Where a coldkey's swap is written down, by the metadata. */
const swapItem = (stage: Pick<Stage, 'client'>): string =>
  hasItem(stage.client.runtime, 'SubtensorModule', 'ColdkeySwapAnnouncements')
    ? 'ColdkeySwapAnnouncements'
    : 'ColdkeySwapScheduled';

const swap = (stage: Stage, value: unknown) => [{ item: swapItem(stage), keys: [stage.staged.other.hotkey], value }];

const transfer = (stage: Stage): Attempt => ({
  signer: stage.staged.other,
  method: call(stage, 'Balances', 'transfer_keep_alive', stage.staged.coldkey.hotkey, 1),
});

/** Days go by between an announcement and the swap; the coldkey's calls are refused from its first block on. */
export const announcedSwap: Round = {
  settings: (stage) => swap(stage, swapItem(stage) === 'ColdkeySwapAnnouncements' ? [1, `0x${'22'.repeat(32)}`] : []),
  restored: (stage) => swap(stage, null),
  provocations: [{ name: 'coldkey swap announced', attempt: transfer }],
};

const dispute = (value: number | null) => (stage: Stage) =>
  hasItem(stage.client.runtime, 'SubtensorModule', 'ColdkeySwapDisputes')
    ? [{ item: 'ColdkeySwapDisputes', keys: [stage.staged.other.hotkey], value }]
    : [];

export const disputedSwap: Round = {
  settings: dispute(1),
  restored: dispute(null),
  provocations: [
    {
      name: 'coldkey swap disputed',
      lacking: ({ client }) =>
        hasItem(client.runtime, 'SubtensorModule', 'ColdkeySwapDisputes') ? null : 'swaps cannot be disputed',
      attempt: transfer,
    },
  ],
};

/** What safe mode filters, the pool takes. */
export const filteredCalls: Round = {
  settings: () => [{ pallet: 'SafeMode', item: 'EnteredUntil', keys: [], value: 1_000_000 }],
  restored: () => [{ pallet: 'SafeMode', item: 'EnteredUntil', keys: [], value: null }],
  provocations: [{ name: 'CallFiltered (safe mode)', attempt: transfer }],
};
