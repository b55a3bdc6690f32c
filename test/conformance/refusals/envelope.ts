import { signCall } from '../../../adapters/chain/extrinsic.ts';
import type { Hex } from '../../../domain/units.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { call, type Outcome, sign, submit } from '../send.ts';
import { absent } from '../verdict.ts';
import { expected, type RefusalName } from './expected.ts';
import { judge, lineName } from './judge.ts';
import { needsRoot, type Round, type Stage, stageOf } from './round.ts';

/** A call that pays and does nothing. */
const remark = (stage: Stage) => call(stage, 'System', 'remark', '0x00');

/** Refusals that any call meets. */
export const refusedOrigins: Round = {
  provocations: [
    { name: 'Payment', attempt: (stage) => ({ signer: stage.staged.stranger, method: remark(stage) }) },
    {
      name: 'RequireSudo',
      attempt: (stage) => ({ signer: stage.staged.other, method: call(stage, 'Sudo', 'sudo', remark(stage)) }),
    },
    {
      name: 'BadOrigin',
      attempt: (stage) => ({ signer: stage.staged.other, method: call(stage, 'System', 'set_storage', []) }),
    },
  ],
};

export const submitted = (ground: Ground, bytes: Hex): Promise<Outcome> =>
  submit(ground, bytes).then(
    () => ({ kind: 'lost' }),
    (error: unknown) => ({ kind: 'pool', error }),
  );

export function envelope(name: RefusalName, run: (stage: Stage) => Promise<Outcome>, eraPassed = false): Check {
  return {
    name: lineName(name),
    run: async (ground) => {
      const stage = stageOf(ground);
      if (stage === null) throw needsRoot();
      const { verdict } = judge(ground, name, await run(stage), eraPassed);
      if (verdict.kind === 'fail') throw new Error(verdict.detail);
    },
  };
}

export const attemptOf = (stage: Stage) => ({ signer: stage.staged.other, method: remark(stage) });
export const nonceOf = (stage: Stage) => stage.client.nextNonce(stage.staged.other.hotkey);

/** Where a pool keeps no account of what it holds, the second one is taken as well. */
export const remembered = (outcome: Outcome): Outcome => {
  if (outcome.kind === 'lost') throw absent('its pool takes everything that is valid by itself');
  return outcome;
};

export const envelopeChecks: readonly Check[] = [
  envelope('Stale (a used nonce)', async (stage) => {
    const birth = await stage.client.head();
    const {
      writer: { validator },
    } = stage;
    const used = (await stage.client.nextNonce(validator.hotkey)) - 1;
    // A free call: that an account cannot pay would be told first.
    const method = call(stage, 'SubtensorModule', 'set_weights', stage.netuid, [1], [1], 0);
    const { bytes } = sign(stage, { signer: validator, method }, { nonce: used, birth });
    return submitted(stage, bytes);
  }),
  envelope('BadProof (another message)', async (stage) => {
    const { signer, method } = attemptOf(stage);
    const genesis: Hex = `0x${'ab'.repeat(32)}`;
    const options = { genesis, nonce: await nonceOf(stage), birth: await stage.client.head(), eraBlocks: 64 };
    return submitted(stage, signCall(stage.client.runtime, signer, method, options).bytes);
  }),
  envelope(
    'BadProof (past its era)',
    async (stage) => {
      const { number } = await stage.client.head();
      const birth = await stage.client.block(number - 6);
      const { bytes } = sign(stage, attemptOf(stage), { nonce: await nonceOf(stage), birth, eraBlocks: 4 });
      return submitted(stage, bytes);
    },
    true,
  ),
  envelope('bytes that are no extrinsic', (stage) => submitted(stage, '0x08ffff')),
  envelope('bytes of another length than they say', async (stage) => {
    const outcome = await submitted(stage, '0x1234');
    const trapped = outcome.kind === 'pool' && outcome.error instanceof Error && 'code' in outcome.error;
    if (trapped && outcome.error.code === 1011) throw absent('this endpoint hands any bytes to the runtime');
    return outcome;
  }),
  envelope('already imported', async (stage) => {
    const { bytes } = sign(stage, attemptOf(stage), { nonce: await nonceOf(stage), birth: await stage.client.head() });
    await submit(stage, bytes);
    const again = await submitted(stage, bytes);
    await stage.advance();
    return remembered(again);
  }),
  envelope('a nonce that waits already', async (stage) => {
    const nonce = await nonceOf(stage);
    const birth = await stage.client.head();
    const first = sign(stage, attemptOf(stage), { nonce, birth });
    const other = { signer: stage.staged.other, method: call(stage, 'System', 'remark', '0x01') };
    await submit(stage, first.bytes);
    const second = await submitted(stage, sign(stage, other, { nonce, birth }).bytes);
    await stage.advance();
    return remembered(second);
  }),
];

/** Everything that the table speaks of, for a count. */
export const refusalNames = Object.keys(expected);
