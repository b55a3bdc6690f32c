import type { FileHandle } from 'node:fs/promises';

/** An open file with the name that errors call it by. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly name: string;
}
