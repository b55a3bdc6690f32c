import { findDeployment } from '../../config/deployment.ts';
import { settingsJson } from '../../config/effective.ts';
import type { Environment } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import type { Role } from '../../config/roles.ts';
import { showValue } from '../../config/setting.ts';

export interface ConfigShowOptions {
  readonly role: Role;
  readonly path?: string | undefined;
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
  /** Only what differs from the defaults. */
  readonly changed?: boolean | undefined;
  /** One JSON object instead of a table. */
  readonly json?: boolean | undefined;
  readonly env?: Environment | undefined;
  readonly cwd?: string | undefined;
}

/** Columns of text, two spaces apart; the last one is left ragged. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * `ostinato config show`: every setting with the value that counts and the place it comes from. Secrets stay hidden.
 */
export async function configShow(options: ConfigShowOptions, write: (line: string) => void): Promise<void> {
  const { role, flags, env, cwd } = options;
  const path = findDeployment(role, { path: options.path, cwd, env });
  const { folder, sources } = loadConfig({ role, path, flags, env, cwd });
  const shown = options.changed === true ? sources.filter(({ source }) => source.kind !== 'default') : sources;
  if (options.json === true) {
    write(settingsJson(folder, shown));
    return;
  }
  const rows = shown.map(({ field, value, source }) => [
    field.key,
    showValue(field, value),
    source.where.replace(`${folder}/`, ''),
  ]);
  write(folder);
  for (const line of columns([['field', 'value', 'from'], ...rows])) write(line);
}
