/** A download that says at nine tenths how many bytes have arrived, and then waits to be killed. */
import { type DownloadRequest, download } from '../../adapters/artifacts/transfer/download.ts';

const order: DownloadRequest = JSON.parse(process.argv[2] ?? '{}');
await download({
  ...order,
  onProgress: (bytes, total) => {
    if (bytes < (total ?? 0) * 0.9) return;
    process.stdout.write(`${bytes}\n`);
    // Nothing more may arrive: this very moment is measured.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
});
