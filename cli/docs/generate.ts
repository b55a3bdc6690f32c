import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonSchema } from '../../config/json-schema.ts';
import { projectRoot } from '../../config/paths.ts';
import { deploymentRoles } from '../../config/roles.ts';
import { configurationPage } from './configuration.ts';
import { errorsPage } from './errors.ts';
import { protectionSchema } from './protection-schema.ts';

/** Every generated file, by its path in the checkout, with the text that it must have. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/schema/protection.json', protectionSchema()],
    ...deploymentRoles.map(
      (role) => [`docs/schema/${role}.json`, `${JSON.stringify(jsonSchema(role), null, 2)}\n`] as const,
    ),
  ]);
}

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** The generated files that are missing or differ from what they must be, by their paths in the checkout. */
export const staleFiles = (root: string = projectRoot): readonly string[] =>
  [...generatedFiles()].filter(([name, text]) => read(join(root, name)) !== text).map(([name]) => name);

/** Writes what is stale and returns its names. */
export function writeGenerated(root: string = projectRoot): readonly string[] {
  const stale = staleFiles(root);
  const files = generatedFiles();
  for (const name of stale) {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files.get(name) ?? '');
  }
  return stale;
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const stale = check ? staleFiles() : writeGenerated();
  for (const name of stale) process.stdout.write(`${check ? 'stale' : 'written'}: ${name}\n`);
  if (check && stale.length > 0) {
    process.stdout.write('Run "npm run docs" and commit what it writes.\n');
    process.exitCode = 1;
  }
}
