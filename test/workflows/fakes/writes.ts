import type { GuardInput } from '../../../activities/chain/guard.ts';
import type { RecordWriteActivities } from '../../../activities/chain/record-write.ts';
import type { ClockActivities } from '../../../activities/clock/await-block.ts';
import type { SignMessageInput } from '../../../activities/signer/activities.ts';
import type { GuardVerdict } from '../../../domain/signed-write.ts';
import { blocks } from '../../../domain/units.ts';
import type { FakeChain } from './chain.ts';

/** What the real writer workflow and all others need of chain and signer. */
export interface WriteFakes extends RecordWriteActivities, ClockActivities {
  guardWrite(input: GuardInput): Promise<GuardVerdict>;
  signMessage(input: SignMessageInput): Promise<{ readonly signature: string }>;
  signMessages(input: { readonly messages: readonly SignMessageInput[] }): Promise<{
    readonly signatures: readonly string[];
  }>;
}

/** 64 zero bytes: a signature by its form. */
export const signature = 'A'.repeat(86);

/**
 * A chain that already holds whatever is to be written, which is the writer's shortest way; what is asked of it, and
 * what the signer is asked, is kept.
 */
export function writeFakes(chain: FakeChain, verdict: (input: GuardInput) => 'already' | 'late' = () => 'already') {
  const asked: GuardInput[] = [];
  const signed: SignMessageInput[] = [];
  const activities: WriteFakes = {
    awaitBlock: (input) => chain.awaitBlock(input),
    async guardWrite(input) {
      asked.push(input);
      const block = blocks(chain.head);
      return { head: block, blockTimeMs: 0, kind: verdict(input), block };
    },
    async signMessage(input) {
      signed.push(input);
      return { signature };
    },
    async signMessages({ messages }) {
      signed.push(...messages);
      return { signatures: messages.map(() => signature) };
    },
    recordWrite: async () => undefined,
  };
  return { activities, asked, signed };
}
