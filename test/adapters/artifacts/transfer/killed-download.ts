/** A download in a process of its own, to be killed. Says on its first line when nine tenths have arrived. */
import { type DownloadRequest, download } from '../../../../adapters/artifacts/transfer/download.ts';

const order: DownloadRequest = JSON.parse(process.argv[2] ?? '{}');
let told = false;
await download({
  ...order,
  onProgress: (bytes, total) => {
    if (told || bytes < (total ?? 0) * 0.85) return;
    told = true;
    process.stdout.write('there\n');
  },
});
