import { type AstNode, isNode, nodesOf, type SourceFile } from './source-file.ts';

export const lineCount = (text: string): number => text.trimEnd().split('\n').length;

/** Says in its first comment why it is as long as it is. */
const givesReason = (text: string): boolean =>
  /^\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[0].includes('This file is long because') ?? false;

/** Files of more than 400 lines that give no reason for it. */
export const tooLong = (file: SourceFile): boolean => lineCount(file.text) > 400 && !givesReason(file.text);

const kindOf = (node: AstNode): unknown => {
  const declaration = node.type === 'ExportDeclaration' ? node['declaration'] : node;
  return isNode(declaration) && declaration.type === 'VariableDeclaration' ? declaration['kind'] : undefined;
};

/** Variables at the top of a module that can be set again: state that tests and workers would share unseen. */
export const mutableState = (file: SourceFile): boolean =>
  file.body.some((node) => kindOf(node) === 'let' || kindOf(node) === 'var');

const exportsAsDefault = (node: AstNode): boolean =>
  node.type === 'ExportDefaultDeclaration' ||
  node.type === 'ExportDefaultExpression' ||
  (node.type === 'ExportNamedDeclaration' &&
    [...nodesOf(node['specifiers'])].some(
      (specifier) => specifier.type === 'Identifier' && specifier['value'] === 'default',
    ));

export const hasDefaultExport = (file: SourceFile): boolean => file.body.some(exportsAsDefault);

const named = (node: unknown, name: string): boolean =>
  isNode(node) && node.type === 'Identifier' && node['value'] === name;

/** Calls whose answer changes from run to run, by the names that they are written with. */
const moving: readonly (readonly [object: string, property: string])[] = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['performance', 'now'],
  ['crypto', 'randomUUID'],
  ['crypto', 'getRandomValues'],
  ['process', 'hrtime'],
];

function isMoving(node: AstNode): boolean {
  if (node.type === 'NewExpression') {
    const given = node['arguments'];
    return named(node['callee'], 'Date') && !(Array.isArray(given) && given.length > 0);
  }
  if (node.type !== 'MemberExpression') return false;
  return moving.some(([object, property]) => named(node['object'], object) && named(node['property'], property));
}

/** Reads a clock or draws at random. */
export const isIndeterminate = (file: SourceFile): boolean => [...nodesOf(file.body)].some(isMoving);
