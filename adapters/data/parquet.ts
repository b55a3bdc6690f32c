import { basename } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fail, messageOf } from '../../domain/errors/error.ts';

/**
 * The rows of a Parquet file, of which only the named columns are read, one row group after another: memory holds
 * those columns of one group.
 *
 * @throws OST_DATASET_FILE
 */
export async function* readParquet(
  path: string,
  columns: readonly string[],
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const refuse = (problem: string, cause?: unknown) =>
    fail('OST_DATASET_FILE', { file: basename(path), problem }, { cause });
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw refuse(messageOf(error), error);
  });
  const there = new Set(metadata.schema.slice(1).map(({ name }) => name));
  const wanted = columns.filter((column) => there.has(column));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    yield* await parquetReadObjects({ file, metadata, columns: wanted, rowStart, rowEnd, compressors }).catch(
      (error: unknown) => {
        throw refuse(messageOf(error), error);
      },
    );
    rowStart = rowEnd;
  }
}
