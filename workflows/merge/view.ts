import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PeerInMerge } from '../../domain/merge/decide.ts';
import type { MergeRecord } from '../../domain/merge/record.ts';
import type { MergeInput } from '../../domain/merge/workflow.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';

/** What a stranger sees of a merge in the Temporal UI, and what the log says of it. */
export class MergeView {
  readonly #input: MergeInput;

  constructor(input: MergeInput) {
    this.#input = input;
  }

  show(step: string): void {
    setCurrentDetails([...this.#head(), '', `**Now:** ${step}`].join('\n'));
  }

  end(record: MergeRecord): void {
    const { result, peers, announceBy, vouchBy, minimumContributors } = record;
    const rows = peers.map(({ hotkey, stakeRao, outcome, gradients, soundFor, reason, detail }) => {
      const why = [reason, detail].filter((each) => each !== null).join(': ');
      const groups = gradients.map(({ group }) => group).join(', ');
      const cells = [`\`${hotkey}\``, stakeRao, groups, `${soundFor.length}/${peers.length}`, outcome, why];
      return `| ${cells.join(' | ')} |`;
    });
    setCurrentDetails(
      [
        ...this.#head(),
        '',
        `**Outcome:** ${result}. Announced by block ${announceBy}, vouched for by block ${vouchBy}; at least ${minimumContributors} needed.`,
        '',
        '| validator | stake (rao) | groups | sound for | outcome | why |',
        '| --- | --- | --- | --- | --- | --- |',
        ...rows,
      ].join('\n'),
    );
    upsertSearchAttributes([{ key: keys.outcome, value: result }]);
    for (const peer of peers) this.#tell(peer);
    const merged = peers.filter(({ outcome }) => outcome === 'merged').length;
    const fields = { event: 'peers_merged', result, merged, of: peers.length, cycle: this.#input.plan.cycle };
    const text = `Merge: ${result}, ${merged} of ${peers.length} validators in it`;
    if (result === 'alone' || result === 'incomplete') log.warn(`${text}; no step is taken`, fields);
    else log.info(text, fields);
  }

  #tell({ hotkey, outcome, reason, detail }: PeerInMerge): void {
    if (outcome === 'merged') return;
    const why = [reason, detail].filter((each) => each !== null).join(': ');
    log.warn(`Validator ${hotkey} is not in the merge: ${outcome}${why === '' ? '' : ` (${why})`}`, {
      event: 'peer_not_merged',
      hotkey,
      outcome,
      reason,
    });
  }

  #head(): readonly string[] {
    const { plan, accepted } = this.#input;
    return [
      `Merge of cycle ${plan.cycle}, validator \`${plan.hotkey}\` on subnet ${plan.netuid}`,
      '',
      `- base: model \`${plan.model.hash}\``,
      `- own submissions that improved it: ${accepted.length}`,
    ];
  }
}
