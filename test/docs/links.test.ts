import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addConfigCommands } from '../../cli/commands/add-config.ts';
import { addCycleCommands } from '../../cli/commands/add-cycle.ts';
import { addDeploymentCommands } from '../../cli/commands/add-deployment.ts';
import { addDevnetCommands } from '../../cli/commands/add-devnet.ts';
import { addModelCommands } from '../../cli/commands/add-model.ts';
import { addProtectionCommands } from '../../cli/commands/add-protection.ts';
import { addScoreCommands } from '../../cli/commands/add-scores.ts';
import { addToolCommands } from '../../cli/commands/add-tools.ts';
import { addWeightsCommands } from '../../cli/commands/add-weights.ts';
import { addWriterCommands } from '../../cli/commands/add-writer.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))].filter((name) =>
  name.endsWith('.md'),
);
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** What a page links to within the checkout, with the place within the page. */
const linksOf = (page: string): readonly { readonly file: string; readonly place: string }[] =>
  [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', place = ''] = target.split('#');
      return { file: path === '' ? page : relative(root, join(root, dirname(page), path)), place };
    });

/** Headings as GitHub names them, and anchors that a page sets itself. */
const placesOf = (page: string): ReadonlySet<string> =>
  new Set([
    ...[...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
    ...[...read(page).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id),
  ]);

function program(): Command {
  const ostinato = new Command('ostinato');
  const groups = [
    addConfigCommands,
    addCycleCommands,
    addDeploymentCommands,
    addDevnetCommands,
    addModelCommands,
    addProtectionCommands,
    addScoreCommands,
    addToolCommands,
    addWeightsCommands,
    addWriterCommands,
  ];
  for (const add of groups) add(ostinato);
  return ostinato;
}

/** `ostinato …` as written in code, up to what can no longer be a command or a flag. */
const commandsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/(?:^|`)ostinato ([a-z][^`\n#]*)/gm)].map(([, words = '']) => words.trim());

/** The first word that the command line would refuse; null where there is none. */
function unknownIn(line: string): string | null {
  let command = program();
  for (const word of line.split(/\s+/)) {
    if (word.startsWith('--')) {
      const known = [...command.options, ...(command.parent?.options ?? [])].some(({ long }) => long === word);
      if (!known) return word;
      continue;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (next !== undefined) command = next;
    else if (command.parent === null) return word;
  }
  return null;
}

describe('the documentation', () => {
  test.each(pages)('%s links to nothing that is not there', (page) => {
    const broken = linksOf(page).filter(
      ({ file, place }) =>
        !existsSync(join(root, file)) || (place !== '' && file.endsWith('.md') && !placesOf(file).has(place)),
    );
    expect(broken).toEqual([]);
  });

  test.each(pages)('%s names no command or flag that the command line does not have', (page) => {
    expect(commandsOf(page).flatMap((line) => unknownIn(line) ?? [])).toEqual([]);
  });

  test('is all reachable from its index', () => {
    const linked = new Set(linksOf('docs/index.md').map(({ file }) => file));
    expect(pages.filter((page) => !linked.has(page) && page !== 'docs/index.md')).toEqual([]);
  });

  test('shows every picture that is there', () => {
    const shown = new Set(pages.flatMap((page) => linksOf(page).map(({ file }) => file)));
    const pictures = readdirSync(join(root, 'docs/images')).map((name) => join('docs/images', name));
    expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
  });
});

describe('the checks of these tests', () => {
  test('find a command and a flag that do not exist', () => {
    expect(unknownIn('validate --path x')).toBe('validate');
    expect(unknownIn('cycle start --prnt')).toBe('--prnt');
    expect(unknownIn('miner io --path checkpoints/miner/x/y')).toBeNull();
  });

  test('see the commands of the README', () => {
    expect(commandsOf('README.md').length).toBeGreaterThan(10);
  });
});

test('tests that a page names by their words are there', () => {
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/"([^"|]+)" in \[[^\]]+\]\(([^)\s]+\.test\.ts)\)/g)].map(([, words = '', target = '']) => ({
      words,
      file: relative(root, join(root, dirname(page), target)),
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ words, file }) => !read(file).includes(words))).toEqual([]);
});
