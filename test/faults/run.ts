// `npm run faults -- SUBJECT …`: runs a whole fault matrix, of which `npm test` runs a sample.

const matrices: Readonly<Record<string, () => Promise<unknown>>> = {
  chain: () => import('./chain/run.ts'),
  protection: () => import('./protection/run.ts'),
  training: () => import('./training/run.ts'),
};

const [subject = ''] = process.argv.slice(2);
const matrix = matrices[subject];
if (matrix === undefined) {
  process.stderr.write(`"${subject}" is none of: ${Object.keys(matrices).join(', ')}.\n`);
  process.exitCode = 1;
} else {
  await matrix();
}
