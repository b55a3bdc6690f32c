import { rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';

/**
 * Ties a child to its parent. A terminal's Ctrl-C reaches the whole process group, but the parent alone decides when
 * the child ends. A parent that was killed can neither end it nor remove its private folder, so the child does both.
 */
export function obeyParent(): void {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  let folder: string | null = null;
  process.once('message', (settings: { readonly folder: string }) => {
    folder = settings.folder;
    // Node does so when a process ends by itself, and these are killed.
    flushCompileCache();
  });
  process.on('disconnect', () => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}
