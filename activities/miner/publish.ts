import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { heartbeat } from '@temporalio/activity';
import { diskError, syncFolder } from '../../adapters/artifacts/atomic-file.ts';
import { beating } from '../beating.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/**
 * Puts the trained file where the miner's own web server finds it, under the originals' name. Whoever fetches it
 * meanwhile gets the old one or the new one and nothing between.
 */
export const publishArtifact =
  ({
    store,
    publishFolder,
    log,
    hotkey,
  }: Pick<MinerIoDeps, 'store' | 'publishFolder' | 'log' | 'hotkey'>): MinerIoActivities['publishArtifact'] =>
  async ({ group, trained }) => {
    heartbeat();
    if (publishFolder === null) return;
    const path = join(publishFolder, `model_expgroup_${group}.safetensors`);
    const temporary = `${path}.tmp`;
    try {
      await mkdir(publishFolder, { recursive: true });
      await beating(async () => {
        await copyFile(store.path(trained.ref.digest), temporary, constants.COPYFILE_FICLONE);
        await using handle = await open(temporary, 'r');
        await handle.sync();
      });
      await rename(temporary, path);
      await syncFolder(publishFolder);
    } catch (error) {
      await rm(temporary, { force: true });
      throw diskError(error, publishFolder, trained.ref.bytes);
    }
    log.info(
      { event: 'artifact_published', hotkey, group, digest: trained.ref.digest, path },
      `Put the file at ${path}`,
    );
  };
