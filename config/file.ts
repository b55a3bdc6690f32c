import { dirname } from 'node:path';
import { isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { fail, type OstinatoError } from '../domain/errors/error.ts';
import type { Field } from './fields.ts';
import { nearestKey } from './nearest.ts';
import type { Layer, Written } from './setting.ts';

interface FileLayer {
  readonly layer: Layer;
  readonly problems: readonly OstinatoError[];
}

/** What a config.yaml sets. Unknown keys are collected, so that the operator sees all of them at once. */
export function fileLayer(fields: readonly Field[], file: string, text: string): FileLayer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number | undefined): string => `${file} line ${lines.linePos(offset ?? 0).line}`;
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw fail('OST_CONFIG_SYNTAX', { source: line(broken.pos[0]), detail: broken.message }, { cause: broken });
  }

  const known = new Map(fields.map((field) => [field.key, field]));
  const groups = new Set(fields.flatMap(({ path }) => path.slice(1).map((_, end) => path.slice(0, end + 1).join('.'))));
  const layer = new Map<string, Written>();
  const problems: OstinatoError[] = [];

  const visit = (map: YAMLMap, above: string): void => {
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const key = `${above}${name}`;
      const where = line(isScalar(pair.key) ? pair.key.range?.[0] : undefined);
      const node = resolve(pair.value);
      if (known.has(key)) {
        const value: unknown = node === null ? null : node.toJS(document);
        layer.set(key, { value, source: { kind: 'file', where, base: dirname(file) } });
      } else if (groups.has(key)) {
        if (isMap(node)) visit(node, `${key}.`);
        else if (!isEmpty(node)) problems.push(notAGroup(where, key, node?.toJS(document), [...known.keys()]));
      } else {
        problems.push(
          fail('OST_CONFIG_UNKNOWN_KEY', { source: where, key, nearest: nearestKey(key, [...known.keys()]) }),
        );
      }
    }
  };
  const resolve = (value: unknown): Node | null => {
    const node = value as Node | null;
    return isAlias(node) ? (node.resolve(document) ?? null) : node;
  };

  if (isMap(document.contents)) visit(document.contents, '');
  else if (!isEmpty(document.contents)) {
    throw fail('OST_CONFIG_SYNTAX', { source: file, detail: 'it holds no "name: value" lines' });
  }
  return { layer, problems };
}

const isEmpty = (node: Node | null | undefined): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

function notAGroup(source: string, key: string, value: unknown, known: readonly string[]): OstinatoError {
  const member = known.find((candidate) => candidate.startsWith(`${key}.`)) ?? key;
  return fail('OST_CONFIG_VALUE', {
    source,
    key,
    value: JSON.stringify(value),
    expectation: `a group of fields such as ${member}`,
    example: `{ ${member.slice(key.length + 1)}: … }`,
  });
}
