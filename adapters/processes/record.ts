import type { ProcessIdentity } from './identity.ts';

/** What a process writes down about itself, so that others find, join or end it. */
export interface ProcessRecord extends ProcessIdentity {
  /** What it does: `temporal`, `chain`, `validator`, `server`, `miner`, `signer`, `evaluator`, `trainer` … */
  readonly role: string;
  /** Which one of that role, for people: a hotkey, a directory, a name. */
  readonly label: string;
  readonly ports: readonly number[];
  /** Where it is reached. */
  readonly address?: string;
  /** A page that people can open. */
  readonly url?: string;
  readonly namespace?: string;
  /** ISO time. */
  readonly startedAt: string;
}

/** The part of a record that its writer gives; the rest is filled in. */
export interface Registration {
  readonly role: string;
  readonly label: string;
  /** The process that is registered; by default the one that registers. */
  readonly pid?: number;
  readonly ports?: readonly number[];
  readonly address?: string;
  readonly url?: string;
  readonly namespace?: string;
}

const optionalText = <N extends string>(name: N, value: unknown): { readonly [K in N]?: string } =>
  typeof value === 'string' ? ({ [name]: value } as { readonly [K in N]?: string }) : {};

/** Reads a record; files that hold anything else count as absent. */
export function parseRecord(text: string): ProcessRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { role, label, pid, startTime, ports, startedAt, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof role !== 'string' || typeof label !== 'string' || typeof pid !== 'number') return undefined;
  if (typeof startTime !== 'string' || typeof startedAt !== 'string' || !Array.isArray(ports)) return undefined;
  return {
    role,
    label,
    pid,
    startTime,
    startedAt,
    ports: ports.filter((port) => typeof port === 'number'),
    ...optionalText('address', rest['address']),
    ...optionalText('url', rest['url']),
    ...optionalText('namespace', rest['namespace']),
  };
}
