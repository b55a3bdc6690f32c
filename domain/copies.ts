import type { CopyOf, SubmissionRecord } from './cycle-record.ts';
import { compareText } from './order.ts';
import { likeness, readSketch } from './sketch.ts';
import type { Hotkey } from './units.ts';

/** Earlier first: by block, then by place in the block; without a commitment last. */
function byCommitment(a: SubmissionRecord, b: SubmissionRecord): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (
    (a.commitBlock ?? last) - (b.commitBlock ?? last) ||
    (a.commitIndex ?? last) - (b.commitIndex ?? last) ||
    compareText(a.hotkey, b.hotkey)
  );
}

interface Original {
  readonly row: SubmissionRecord;
  readonly sketch: Uint8Array | null;
}

/**
 * Who copied whom, by the copy's hotkey: whoever committed later what an earlier submission is already. Equal files
 * and equal tensors are copies; so are updates of one group whose sketches say that they point the same way, which is
 * what is left of a file after some noise or a scaling. Of several originals the most similar one is named.
 *
 * @param standing those that can be an original
 */
export function copiesAmong(standing: readonly SubmissionRecord[]): ReadonlyMap<Hotkey, CopyOf> {
  const originals: Original[] = [];
  const copies = new Map<Hotkey, CopyOf>();
  for (const row of standing.toSorted(byCommitment)) {
    const sketch = row.sketch === undefined ? null : readSketch(row.sketch);
    const found = originals.flatMap((original) => copyOf(original, { row, sketch }) ?? []);
    const [nearest] = found.toSorted((a, b) => b.similarity - a.similarity);
    if (nearest === undefined) originals.push({ row, sketch });
    else copies.set(row.hotkey, nearest);
  }
  return copies;
}

function copyOf(original: Original, later: Original): CopyOf | null {
  const { hotkey, digest, modelHash, group } = original.row;
  const { row } = later;
  if (digest !== null && digest === row.digest) return { hotkey, measure: 'file', similarity: 1 };
  if (modelHash !== null && modelHash === row.modelHash) return { hotkey, measure: 'tensors', similarity: 1 };
  if (original.sketch === null || later.sketch === null || group !== row.group) return null;
  const { similarity, near } = likeness(original.sketch, later.sketch);
  return near ? { hotkey, measure: 'updates', similarity } : null;
}

/** A copy in words, for the record's detail. */
export function copyText({ hotkey, measure, similarity }: CopyOf): string {
  switch (measure) {
    case 'file':
      return `same file as ${hotkey}`;
    case 'tensors':
      return `same tensors as ${hotkey}`;
    case 'updates':
      return `its update is that of ${hotkey}, cosine ${similarity}`;
  }
}
