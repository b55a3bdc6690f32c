import { agreementText, stakeShare } from '../agreement/words.ts';
import { elsewhereReasons } from '../proof-of-loss.ts';
import { plain, type Step, type Subject } from './explanation.ts';

/** What is said of the reasons that a miner may meet; others are shown as they are recorded. */
export const reasonTexts: Readonly<Record<string, string>> = {
  malformed_commit: 'what it wrote on chain in MinerCommit2 is no model hash',
  no_hash: 'it wrote no model hash on chain in MinerCommit2',
  no_signature: 'it wrote no signature on chain in MinerCommit1, so the hash might be somebody else’s',
  bad_signature: 'the signature that it wrote in MinerCommit1 is not over the hash that it showed in MinerCommit2',
  unknown_group: 'it committed for an expert group that the model does not have',
  no_submission: 'it committed a hash and sent no file in time, while our model server was there to take one',
  bad_address: 'it named an address from which nothing may be fetched',
  not_there: 'its server said, twice, that there is no such file for us',
  too_large: 'the file is larger than any submission may be',
  unreachable: 'its server could not be reached, or broke off, in every attempt',
  transfer: 'we could not fetch or keep the file',
  hash: 'the file’s tensors do not hash to what it committed',
  expert_group_or_nan: 'the file does not hold exactly the finite tensors of its group',
  malformed_file: 'the file is no well-formed safetensors file',
  shape: 'the file’s tensors do not have the model’s shapes',
  non_finite_loss: 'the loss with its file is not finite on some of the rows',
  copy: 'it is a copy of a submission that was committed earlier',
  artifact_missing: 'its file, or one of our model, was lost or damaged on our own disk',
  ledger: 'our ledger could not be read',
  verifier: 'we could not check the file',
  baseline: 'the base itself has no finite loss, so there is nothing to compare with',
  evaluator: 'our evaluator failed in every attempt',
  deadline: 'we were not done with it when Merge began',
  workflow_failed: 'our own workflow failed',
  server_absent: 'our model server was not there for the whole phase, so nobody can tell whether it sent a file',
  [elsewhereReasons.absent]: 'it is assigned to another validator, which is away or has no file of it',
  [elsewhereReasons.noTime]:
    'it is assigned to another validator, and after our own miners there was no time left for it',
  assigned_elsewhere: 'the cycle’s seed gave it to another validator, which judges it',
};

const kinds = {
  ok: 'Accepted',
  miner_fault: 'The miner’s own fault',
  our_fault: 'Our fault, which costs the miner nothing',
  unknown: 'Unknown, which costs the miner nothing',
} as const;

/** Commitment, file, losses and verdict; nothing where the miner committed nothing. */
export function judgingSteps(subject: Subject): readonly Step[] {
  const { submission } = subject;
  if (submission === null) return [];
  return [
    commitment(submission),
    ...file(submission),
    ...losses(subject, submission),
    verdict(submission),
    ...agreement(subject),
  ];
}

type Submission = NonNullable<Subject['submission']>;

function commitment({ modelHash, commitBlock, commitIndex, group }: Submission): Step {
  const where = commitBlock === null ? 'in no block that we know' : `in block ${commitBlock}`;
  const place = commitIndex === null ? '' : ` as extrinsic ${commitIndex}`;
  const what = modelHash === null ? 'no hash that counts' : `the tensor hash ${modelHash} for group ${group}`;
  return {
    step: 'commitment',
    text: `It committed ${what}, ${where}${place}.`,
    refs: { modelHash, commitBlock, commitIndex },
  };
}

function file({ digest, bytes, workflowId }: Submission): readonly Step[] {
  if (digest === null) return [{ step: 'file', text: 'No file of it was judged.', refs: { workflowId } }];
  const text = `Its file has ${bytes ?? 'an unknown number of'} bytes and the SHA-256 ${digest}.`;
  return [{ step: 'file', text, refs: { digest, bytes, workflowId } }];
}

function losses({ record }: Subject, { lossBefore, lossAfter, w, group }: Submission): readonly Step[] {
  if (lossBefore === null || lossAfter === null) return [];
  const batch = record.batches.find((each) => each.group === group);
  const rows = batch?.rows ?? [];
  const seed = record.seed === null ? '' : `, which the seed ${record.seed.combined.slice(0, 12)}… chose`;
  const share =
    w === null
      ? 'which gives no w_i'
      : `so w_i = (${plain(lossBefore)} − ${plain(lossAfter)}) / ${plain(lossBefore)} = ${plain(w)}`;
  const worse = w === 0 ? ' It did not lower the loss, and less than 0 is not counted.' : '';
  return [
    {
      step: 'losses',
      text:
        `On ${rows.length} held-out rows of group ${group}${seed}, the base's mean loss is ${plain(lossBefore)} ` +
        `and that with its group is ${plain(lossAfter)}, ${share}.${worse}`,
      refs: { lossBefore, lossAfter, w, rows, base: record.modelBefore.hash, seed: record.seed?.combined ?? null },
    },
  ];
}

/** What the validators made of it together, where that takes the place of our own verdict, and where it does not. */
function agreement({ record, hotkey, submission }: Subject): readonly Step[] {
  const { agreement: made } = record;
  if (made === undefined) return [];
  const own = submission === null ? null : observedHere(submission);
  const value = made.values.find((each) => each.hotkey === hotkey);
  if (value !== undefined) {
    const { w, voters, stakeRao } = value;
    const seen = own === null ? 'this validator has no value of its own' : `its own value is ${plain(own)}`;
    const text =
      `The agreed value is w_i = ${plain(w)}, the median of ${voters} validators with ` +
      `${stakeShare(stakeRao, made.totalRao)} of the stake, and that is what counts; ${seen}.`;
    return [{ step: 'agreement', text, refs: { w, voters, stakeRao, own } }];
  }
  const contested = made.contested.includes(hotkey)
    ? 'Its median is contested, because too little stake stands on either side of it; the own value counts.'
    : null;
  const text = contested ?? (made.result === 'agreed' ? null : `${agreementText(made)}.`);
  return text === null ? [] : [{ step: 'agreement', text, refs: { own } }];
}

const observedHere = ({ outcome, w }: Submission): number | null =>
  outcome === 'ok' ? w : outcome === 'miner_fault' ? 0 : null;

function verdict({ outcome, reason, detail, copyOf }: Submission): Step {
  const words = reason === null ? null : (reasonTexts[reason] ?? reason);
  const said = detail === null || detail === '' ? '' : ` (${detail})`;
  const text = words === null ? `${kinds[outcome]}.` : `${kinds[outcome]}: ${words}${said}.`;
  const copied =
    copyOf === undefined ? {} : { original: copyOf.hotkey, measure: copyOf.measure, similarity: copyOf.similarity };
  return { step: 'verdict', text, refs: { outcome, reason, ...copied } };
}
