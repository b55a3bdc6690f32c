import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Setting, showValue } from './setting.ts';

/** All settings with the places that they come from, as text. Secrets stay hidden. */
export const settingsJson = (folder: string, settings: readonly Setting[]): string =>
  JSON.stringify(
    {
      folder,
      settings: settings.map(({ field, value, source }) => ({
        key: field.key,
        value: field.meta.secret === true && value !== null ? showValue(field, value) : value,
        source: source.kind,
        where: source.where,
      })),
    },
    null,
    2,
  );

/**
 * Writes down what a process goes by, beside its config.yaml: files, environment and flags may all have changed by the
 * time that somebody asks.
 *
 * @returns the file's path
 */
export function writeEffective(role: string, folder: string, settings: readonly Setting[]): string {
  const file = join(folder, `effective-${role.replaceAll(/\W+/g, '-')}.json`);
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${settingsJson(folder, settings)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  return file;
}
