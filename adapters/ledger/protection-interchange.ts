import { decodeAddress, encodeAddress } from '@polkadot/util-crypto';
import { z } from 'zod';
import { fail } from '../../domain/errors/error.ts';
import {
  canonicalVector,
  mergeRecords,
  type PeriodRecord,
  periodKinds,
  vectorProblem,
} from '../../domain/protection.ts';
import type { HistoryPeriod, ProtectionHistory, SeriesHistory } from '../../domain/protection-history.ts';
import { blocks, type Hex, hotkey, netuid } from '../../domain/units.ts';
import { hasRepeatedKeys } from './repeated-keys.ts';

/** What a file of this format says of itself. */
export const interchangeFormat = 'ostinato-protection';
export const interchangeVersion = '1';

const u8 = z.int().min(0).max(0xff);
const u16 = z.int().min(0).max(0xffff);

/** As text, so that no reader rounds it; the largest is the largest that a double holds without gaps. */
const blockText = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,15})$/)
  .refine((text) => Number.isSafeInteger(Number(text)), { error: 'above 2^53 - 1' });

/** One spelling for each key: the same key under another prefix would be another hotkey to the record. */
const address = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{46,50}$/)
  .refine(isCanonicalAddress, { error: 'no SS58 address with prefix 42' });

const signed = z.strictObject({ period: blockText, uids: z.array(u16), values: z.array(u16) });
const unknown = z.strictObject({ period: blockText });

/** The interchange format, version 1. docs/protection.md explains it; docs/schema/protection.json is made of it. */
export const interchangeSchema = z.strictObject({
  metadata: z.strictObject({
    interchange_format: z.literal(interchangeFormat),
    interchange_format_version: z.literal(interchangeVersion),
    genesis: z.string().regex(/^0x[0-9a-f]{64}$/),
  }),
  data: z.array(
    z.strictObject({
      hotkey: address,
      netuid: u16,
      mecid: u8,
      kind: z.enum(periodKinds),
      complete_from: blockText,
      periods: z.array(z.union([signed, unknown])),
    }),
  ),
});

type InterchangeFile = z.output<typeof interchangeSchema>;
type FileSeries = InterchangeFile['data'][number];
type FilePeriod = FileSeries['periods'][number];

/** Only what every version's file has: enough to say that it is of another one. */
const anyVersion = z.object({
  metadata: z.object({ interchange_format: z.literal(interchangeFormat), interchange_format_version: z.string() }),
});

function isCanonicalAddress(text: string): boolean {
  try {
    return encodeAddress(decodeAddress(text), 42) === text;
  } catch {
    return false;
  }
}

/**
 * Reads the text of an interchange file of one chain, or of any where `expected` is null. Strict: what it does not
 * know could have been a prohibition. Raises OST_PROTECTION_FILE, OST_PROTECTION_FILE_VERSION and
 * OST_PROTECTION_OTHER_GENESIS; `source` names the file in them.
 */
export function readInterchange(text: string, source: string, expected: Hex | null): ProtectionHistory {
  const history = parseInterchange(text, source);
  const { genesis: found } = history;
  if (expected !== null && expected !== found) throw fail('OST_PROTECTION_OTHER_GENESIS', { source, found, expected });
  return history;
}

function parseInterchange(text: string, source: string): ProtectionHistory {
  const value = parseJson(text, source);
  const version = anyVersion.safeParse(value).data?.metadata.interchange_format_version;
  if (version !== undefined && version !== interchangeVersion) {
    throw fail('OST_PROTECTION_FILE_VERSION', { source, version, known: interchangeVersion });
  }
  const parsed = interchangeSchema.safeParse(value);
  if (!parsed.success) throw fail('OST_PROTECTION_FILE', { source, problem: firstIssue(parsed.error) });
  if (hasRepeatedKeys(text, parsed.data)) throw fail('OST_PROTECTION_FILE', { source, problem: 'a name occurs twice' });
  const { metadata, data } = parsed.data;
  return { genesis: metadata.genesis as Hex, series: combine(data.map((series) => readSeries(series, source))) };
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail('OST_PROTECTION_FILE', { source, problem: 'it is no JSON' }, { cause: error });
  }
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'not of its form'}`;
}

function readSeries({ complete_from, periods, ...series }: FileSeries, source: string): SeriesHistory {
  return {
    hotkey: hotkey(series.hotkey),
    netuid: netuid(series.netuid),
    mecid: series.mecid,
    kind: series.kind,
    completeFrom: blocks(Number(complete_from)),
    periods: combinePeriods(periods.map((period) => readPeriod(period, source))),
  };
}

function readPeriod(entry: FilePeriod, source: string): HistoryPeriod {
  const period = blocks(Number(entry.period));
  if (!('uids' in entry)) return { period, vectors: [], sealed: true };
  const problem = vectorProblem(entry);
  if (problem !== null) throw fail('OST_PROTECTION_FILE', { source, problem: `period ${entry.period}: ${problem}` });
  return { period, vectors: [canonicalVector(entry)], sealed: false };
}

/** Several entries for one period say together what is known of it. */
function combinePeriods(entries: readonly HistoryPeriod[]): readonly HistoryPeriod[] {
  const byPeriod = new Map<number, PeriodRecord>();
  for (const { period, ...record } of entries) {
    const known = byPeriod.get(period);
    byPeriod.set(period, known === undefined ? record : mergeRecords(known, record));
  }
  return [...byPeriod].toSorted(([a], [b]) => a - b).map(([period, record]) => ({ period: blocks(period), ...record }));
}

/** Several entries for one series, as a file that was put together by hand may have them. */
function combine(series: readonly SeriesHistory[]): readonly SeriesHistory[] {
  const byKey = new Map<string, SeriesHistory>();
  for (const each of series) {
    const key = [each.hotkey, each.netuid, each.mecid, each.kind].join('/');
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined
        ? each
        : {
            ...each,
            completeFrom: blocks(Math.max(known.completeFrom, each.completeFrom)),
            periods: combinePeriods([...known.periods, ...each.periods]),
          },
    );
  }
  return [...byKey.values()];
}

/** The text of an interchange file: the same history gives the same text. */
export function formatInterchange({ genesis, series }: ProtectionHistory): string {
  const data = series.map(({ hotkey: address, netuid: subnet, mecid, kind, completeFrom, periods }) => ({
    hotkey: address,
    netuid: subnet,
    mecid,
    kind,
    complete_from: String(completeFrom),
    periods: periods.flatMap(writePeriod),
  }));
  const file: InterchangeFile = {
    metadata: { interchange_format: interchangeFormat, interchange_format_version: interchangeVersion, genesis },
    data,
  };
  return `${JSON.stringify(file, null, 1).replace(/\[[\s\d,]*\]/g, (list) => list.replace(/\s+/g, ''))}\n`;
}

function writePeriod({ period, vectors, sealed }: HistoryPeriod): readonly FilePeriod[] {
  const text = String(period);
  return [
    ...vectors.map(({ uids, values }) => ({ period: text, uids: [...uids], values: [...values] })),
    ...(sealed ? [{ period: text }] : []),
  ];
}
