import { matchesGlob } from 'node:path';

/** The forms that are read, the better one first: a data set often comes in several. */
const forms: readonly RegExp[] = [/\.parquet$/, /\.(?:jsonl|ndjson)(?:\.gz)?$/, /\.json\.gz$/, /\.json$/];

/** Whether a file of a data set can be read, by its name. */
export const isReadable = (path: string): boolean => forms.some((form) => form.test(path));

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Which files of a data set a selection means, in order of code points, so that everybody reads the same rows in the
 * same order. A glob means the paths that it matches. A word, or words between slashes (`CONFIG/SPLIT`), mean the
 * files below such folders, or whose names begin so: `train` means `data/train-00000-of-00002.parquet`. Of several
 * forms one is taken.
 */
export function selectFiles(paths: readonly string[], selection: string | null): readonly string[] {
  const matches = selection === null ? () => true : matcherOf(selection);
  const found = paths.filter((path) => isReadable(path) && matches(path));
  const form = forms.find((each) => found.some((path) => each.test(path)));
  return form === undefined ? [] : found.filter((path) => form.test(path)).sort(compare);
}

function matcherOf(selection: string): (path: string) => boolean {
  if (/[*?[{]/.test(selection) || isReadable(selection)) return (path) => matchesGlob(path, selection);
  const words = selection.split('/').filter((word) => word !== '');
  const pattern = new RegExp(`^(?:.*/)?${words.map(literally).join('/(?:.*/)?')}(?:[-._/].*)?$`);
  return (path) => pattern.test(path);
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
