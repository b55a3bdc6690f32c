import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from '@swc/core';

export interface ImportOf {
  /** As it is written: `./units.ts`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the checkout, with slashes: `domain/units.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportOf[];
  /** What stands at the top of the module, by the parser's names. */
  readonly body: readonly AstNode[];
}

export interface AstNode {
  readonly type: string;
  readonly [property: string]: unknown;
}

export const root: string = resolve(import.meta.dirname, '../..');

/** The folders that hold TypeScript of ours. */
const folders = [
  ...['domain', 'workflows', 'config', 'activities', 'adapters', 'workers', 'server', 'temporal', 'devnet', 'cli'],
  ...['models', 'bench', 'bin', 'scripts', 'test'],
];
const skipped = new Set(['node_modules', 'fixtures', 'histories', 'types']);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* walk(`${folder}/${entry.name}`);
    else if (entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts')) {
      yield `${folder}/${entry.name}`;
    }
  }
}

export const isNode = (value: unknown): value is AstNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** A node and everything under it. */
export function* nodesOf(value: unknown): Generator<AstNode> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const child of Object.values(value)) yield* nodesOf(child);
  }
}

const textOf = (literal: unknown): string | null =>
  isNode(literal) && literal.type === 'StringLiteral' && typeof literal['value'] === 'string' ? literal['value'] : null;

/** `import { type A, type B }` leaves nothing behind either. */
const allTypes = (specifiers: unknown): boolean =>
  Array.isArray(specifiers) &&
  specifiers.length > 0 &&
  specifiers.every((each) => isNode(each) && each['isTypeOnly'] === true);

function importOf(node: AstNode): ImportOf | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      const specifier = textOf(node['source']);
      const typeOnly = node['typeOnly'] === true || allTypes(node['specifiers']);
      return specifier === null ? null : { specifier, typeOnly };
    }
    case 'CallExpression': {
      const callee = node['callee'];
      const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
      if (!isNode(callee) || (callee.type !== 'Import' && callee['value'] !== 'require')) return null;
      const specifier = textOf((first as { readonly expression?: unknown } | undefined)?.expression);
      return specifier === null ? null : { specifier, typeOnly: false };
    }
    case 'TsImportType': {
      const specifier = textOf(node['argument']);
      return specifier === null ? null : { specifier, typeOnly: true };
    }
    default:
      return null;
  }
}

/** Reads one file's text as it would be at `path`. */
export function parseSource(path: string, text: string): SourceFile {
  const module = parseSync(text, { syntax: 'typescript', target: 'es2023', decorators: false });
  const body: readonly unknown[] = module.body;
  const imports = [...nodesOf(body)].map(importOf).filter((each) => each !== null);
  return { path, text, imports, body: body.filter(isNode) };
}

/** All TypeScript files of the checkout. */
export function sourceFiles(): readonly SourceFile[] {
  const present = readdirSync(root);
  return folders
    .filter((folder) => present.includes(folder))
    .flatMap((folder) => [...walk(folder)])
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}
