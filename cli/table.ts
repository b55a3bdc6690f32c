import Table from 'cli-table3';

const isRule = (line: string): boolean => line.startsWith('├');

/** A table for people. A rule between all rows would double its height and tell nothing, so only the head has one. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  const lines = table.toString().split('\n');
  const first = lines.findIndex(isRule);
  return lines.filter((line, index) => index === first || !isRule(line)).join('\n');
}
