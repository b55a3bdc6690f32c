/** A data set on a hub: `hf:OWNER/NAME@REVISION`, and after a colon which of its files. */
export interface DatasetReference {
  readonly owner: string;
  readonly name: string;
  /** A commit's 40 hex digits, or a branch or tag, which may move. */
  readonly revision: string;
  /** A glob over the paths of its files, or `CONFIG/SPLIT`, or a split alone; null takes all. */
  readonly selection: string | null;
}

/** What a setting must look like to name a data set on a hub. */
export const datasetReferencePattern = /^hf:([\w.-]+)\/([\w.-]+)@([\w.][\w./-]*)(?::(\S+))?$/;

export const isDatasetReference = (setting: string): boolean => setting.startsWith('hf:');

/** Null for what is none, a path among it. */
export function parseDatasetReference(setting: string): DatasetReference | null {
  const match = datasetReferencePattern.exec(setting);
  const [, owner, name, revision, selection = null] = match ?? [];
  if (owner === undefined || name === undefined || revision === undefined) return null;
  if ([owner, name, ...revision.split('/')].some((part) => /^\.*$/.test(part))) return null;
  return { owner, name, revision, selection };
}

/** Whether a revision can never mean anything else. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);
