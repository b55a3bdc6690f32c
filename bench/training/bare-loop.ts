/** The anchor of bench/training/evaluation.ts: a session that is opened once, and nothing but its runs. */
import { join } from 'node:path';
import { type TaggedRow, tokenFeeds } from '../../adapters/model/batch.ts';
import { openCorpus } from '../../adapters/model/corpus.ts';
import { readModelFile } from '../../adapters/model/description.ts';
import { fitGraph } from '../../adapters/model/fit.ts';
import { assembleParts } from '../../adapters/model/parts.ts';
import { copyParts } from '../../adapters/model/private-copy.ts';
import { openSession } from '../../adapters/model/session.ts';

/** Rows of one group, to be run in batches. */
export interface BareOrder {
  readonly group: number;
  readonly rows: readonly number[];
  readonly batchSize: number;
}

const [modelFolder = '', folder = '', threads = '0'] = process.argv.slice(2);
const corpus = await openCorpus(modelFolder);
const parts = join(folder, 'bare');
const placed = await copyParts(assembleParts(modelFolder, corpus.groups), parts);
const graph = fitGraph(await readModelFile(modelFolder, 'loss.onnx'), 'loss.onnx', placed);
const session = await openSession(graph, { folder: parts, threads: Number(threads) });

async function run({ group, rows, batchSize }: BareOrder): Promise<void> {
  for (let at = 0; at < rows.length; at += batchSize) {
    const texts = rows
      .slice(at, at + batchSize)
      .map((row): TaggedRow => ({ group, text: corpus.heldOutRow(group, row) }));
    await session.run(tokenFeeds(texts, corpus.description));
  }
}

process.on('message', (order: BareOrder) => {
  run(order).then(
    () => process.send?.('done'),
    (error: unknown) => {
      throw error;
    },
  );
});
process.send?.('ready');
