import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeExtrinsic } from '../../adapters/chain/block.ts';
import { phaseRange } from '../../domain/phases.ts';
import { uid } from '../../domain/units.ts';
import { weightsKey } from '../../temporal/ids.ts';
import { type Stack, subnet } from './stack.ts';

/** An extrinsic in a block of the chain. */
export interface Included {
  readonly block: number;
  readonly signer: string;
  readonly nonce: number;
  readonly call: string;
}

/** All signed extrinsics of the chain, in the order of the blocks. */
export async function includedIn({ chain, gate }: Stack): Promise<readonly Included[]> {
  const included: Included[] = [];
  for (let block = 1; block <= gate.head; block += 1) {
    const { extrinsics } = await chain.body(await chain.blockHash(block));
    for (const bytes of extrinsics) {
      const extrinsic = decodeExtrinsic(chain.runtime, bytes);
      if (!extrinsic.isSigned) continue;
      const { method, section } = extrinsic.method;
      const call = `${section}.${method}`;
      included.push({ block, signer: extrinsic.signer.toString(), nonce: extrinsic.nonce.toNumber(), call });
    }
  }
  return included;
}

/**
 * What has to be the same however often somebody was killed: everything but blocks, hashes of extrinsics and ids.
 *
 * @param of a validator's process
 */
export async function readOutcome(stack: Stack, cycles: readonly number[], of = 'validator') {
  const ledger = await stack.ledger(of);
  const { chain } = stack;
  const validator = stack.hotkey(stack.accountOf(of));
  const records = await Promise.all(
    cycles.map(async (cycle) => {
      const stored = await ledger.cycles.get(validator, cycle);
      if (stored === null) throw new Error(`no record of cycle ${cycle}`);
      const { result, seed, batches, submissions, scores, vector, modelBefore, modelAfter, heldOut } = stored.record;
      return {
        ...{ cycle, result, seed, batches, scores, vector, modelBefore, modelAfter, heldOut },
        submissions: submissions.map(({ workflowId: _id, commitBlock: _block, commitIndex: _index, ...rest }) => rest),
      };
    }),
  );
  const served: unknown = JSON.parse(await readFile(join(stack.pathOf(of), 'model', 'current.json'), 'utf8'));
  const included = await includedIn(stack);
  const hotkeys = [...stack.hotkeys.values()];
  return {
    records,
    served,
    // Validators are registered first.
    onChain: await chain.weights(subnet, uid([...stack.hotkeys.values()].indexOf(validator)), 0),
    /**
     * Under how many nonces each cycle's vector was signed. One that was signed anew, because its first bytes died with
     * whoever signed them, shares their nonce: no more than one can ever count.
     */
    nonces: await Promise.all(
      cycles.map(async (cycle) => {
        const { start } = phaseRange(stack.schedule, cycle, 'Distribute');
        return new Set((await ledger.prepared.list(weightsKey(subnet, 0, start))).map(({ nonce }) => nonce)).size;
      }),
    ),
    protection: (await ledger.protection.list()).map(({ period, uids, values }) => ({ period, uids, values })),
    receipts: await Promise.all(
      cycles.map(async (cycle) =>
        (await ledger.submissions.list({ chain: stack.chainLabel, netuid: subnet, validator, cycle })).map(
          ({ hotkey, digest }) => ({ hotkey, digest }),
        ),
      ),
    ),
    /** Each hotkey's extrinsics in the order of its nonces. */
    extrinsics: hotkeys.map((hotkey) => ({
      hotkey,
      calls: included.filter(({ signer }) => signer === hotkey).map(({ nonce, call }) => `${nonce} ${call}`),
    })),
  };
}
