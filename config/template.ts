import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { type Field, fieldsOf } from './fields.ts';
import { projectRoot } from './paths.ts';
import type { DeploymentRole } from './roles.ts';

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

const inline = (value: unknown): string =>
  value === null ? '' : stringify(value, { collectionStyle: 'flow', lineWidth: 0, blockQuote: false }).trimEnd();

/** One field: what it is in comments, then its line, which is a comment too where the default shall count. */
function fieldLines(field: Field, value: unknown, live: boolean, indent: string): readonly string[] {
  const { about, type, optional } = field.meta;
  const words = `${about} (${type.expects}${optional ? ', or empty' : ''}; ${field.variable})`;
  const assignment = `${field.path.at(-1)}: ${inline(value)}`.trimEnd();
  return [...wrap(words, 110).map((line) => `${indent}# ${line}`), `${indent}${live ? '' : '# '}${assignment}`];
}

/**
 * The text of a config.yaml: every field with its description. Only the given values and the fields that everybody
 * sets are live lines; a default that stays a comment follows when a later version has a better one.
 */
export function renderConfig(role: DeploymentRole, folder: string, values: ReadonlyMap<string, unknown>): string {
  const fields = fieldsOf(role);
  const isLive = (field: Field): boolean => values.has(field.key) || field.meta.essential === true;
  const lines = [
    `# yaml-language-server: $schema=${relative(folder, join(projectRoot, 'docs', 'schema', `${role}.json`))}`,
    `# A ${role}'s settings. Flags, the environment and .env win over this file; docs/configuration.md tells more.`,
    '# Relative paths start from the folder of this file. "ostinato config show" prints what counts, and why.',
  ];
  const groups = new Set<string>();
  for (const field of fields) {
    const value = values.get(field.key) ?? field.meta.defaultValue;
    const group = field.path.length > 1 ? field.path[0] : undefined;
    if (group === undefined) {
      lines.push('', ...fieldLines(field, value, isLive(field), ''));
      continue;
    }
    if (!groups.has(group)) {
      groups.add(group);
      // Without a value of its own a group may stay a live, empty line: its fields then have their defaults.
      lines.push('', `# ${field.groupText}`, `${group}:`);
    }
    lines.push(...fieldLines(field, value, isLive(field), '  '));
  }
  return `${lines.join('\n')}\n`;
}
