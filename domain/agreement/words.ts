import { countedPeers } from './decide.ts';
import type { AgreementSummary, PeerInAgreement } from './record.ts';

/** A part of a stake as text, to a tenth of a percent. */
export function stakeShare(partRao: string, wholeRao: string): string {
  const whole = BigInt(wholeRao);
  // Thousandths, in whole numbers: stakes are larger than doubles are exact.
  return whole === 0n ? '0.0 %' : `${(Number((BigInt(partRao) * 1000n) / whole) / 10).toFixed(1)} %`;
}

/** An agreement as one sentence. */
export function agreementText(agreement: AgreementSummary): string {
  const { result, values, contested, heardRao, totalRao, peers } = agreement;
  const of = peers.filter(({ outcome }) => outcome !== 'stranger').length;
  const heard = `${countedPeers(agreement).length} of ${of} validators, ${stakeShare(heardRao, totalRao)} of the stake`;
  switch (result) {
    case 'agreed': {
      const left = contested.length === 0 ? '' : `; ${contested.length} contested, their own values stand`;
      return `Agreed on the scores of ${values.length} miners: ${heard}${left}`;
    }
    case 'alone':
      return `Heard the scores of ${heard}, less than half: publishing own values`;
    case 'abstained':
      return `Abstained, so there is nothing to agree on; heard the scores of ${heard}`;
  }
}

/** What became of one validator's table, where that is not that it agrees. */
export const peerText = ({ hotkey, outcome, detail }: PeerInAgreement): string =>
  `The scores of validator ${hotkey}: ${outcome.replace('_', ' ')}${detail === null ? '' : `, ${detail}`}`;
