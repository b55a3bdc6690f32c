import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { testIf } from './test-if.ts';

/** What every writer says of a full disk. */
export const full = { code: 'OST_DISK_FULL', retryable: true };

/** A disk of a few MiB in memory, which goes with the test file, and tests that need it. */
export function smallDisk(sizeMib = 4) {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder]).status === 0;
  afterAll(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const ballast = join(folder, 'ballast');
  return {
    folder,
    ballast,
    test: testIf(mounted, 'needs root, to mount a small disk in memory'),
    /** Leaves so much room: a block where nothing is said. */
    fill(leftBytes = 4096): void {
      rmSync(ballast, { force: true });
      const { bavail, bsize } = statfsSync(folder);
      const sizeBytes = bavail * bsize - leftBytes;
      if (sizeBytes <= 0) return;
      const { status, stderr } = spawnSync('fallocate', ['--length', String(sizeBytes), ballast]);
      if (status !== 0) throw new Error(`fallocate: ${stderr}`);
    },
    makeRoom: () => rmSync(ballast, { force: true }),
  };
}
