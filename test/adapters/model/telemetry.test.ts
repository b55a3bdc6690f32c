import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../../config/paths.ts';
import { source, temporaryFolders } from '../../setup/processes.ts';

const folder = temporaryFolders();

// Its first step is a device id in the user's cache folder, which stays away where nothing is reported.
test('ONNX Runtime leaves no device id behind, since it reports to nobody', () => {
  const home = folder();
  const models = join(projectRoot, 'models/reference');
  const script = `
    import { readFileSync } from 'node:fs';
    import { openSession } from ${JSON.stringify(source('adapters/model/session.ts'))};
    const folder = ${JSON.stringify(models)};
    await openSession(readFileSync(folder + '/loss.onnx'), { folder, threads: 1 });
    console.log('opened');`;
  // Nothing else of our environment: where CI is set, ONNX Runtime is silent by itself.
  const options = { env: { PATH: process.env['PATH'], HOME: home }, encoding: 'utf8' } as const;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, options);
  expect({ stdout, stderr, left: readdirSync(home) }).toEqual({ stdout: 'opened\n', stderr: '', left: [] });
});
