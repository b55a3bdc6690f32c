import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Ledger, openLedger } from '../../../adapters/ledger/open.ts';
import { formatInterchange, readInterchange } from '../../../adapters/ledger/protection-interchange.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';
import type { MergeReport } from '../../../domain/protection-history.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { type CaseStep, type ProtectionCase, protectionCases } from './protection-cases.ts';

let ledger: Ledger;
const close = async () => ledger?.close();
beforeEach(async () => {
  await close();
  ledger = await openLedger({ file: ':memory:' });
});
afterAll(close);

/** The code of what is raised, or what comes back. */
async function outcomeOf<T>(work: () => Promise<T>): Promise<T | { readonly code: string }> {
  try {
    return await work();
  } catch (error) {
    if (!isOstinatoError(error)) throw error;
    return { code: error.code };
  }
}

const importText = (text: string, { genesis }: ProtectionCase): Promise<MergeReport | { readonly code: string }> =>
  outcomeOf(() => ledger.protection.merge(readInterchange(text, 'the file', genesis)));

async function importStep(step: CaseStep, each: ProtectionCase): Promise<void> {
  const text = step.import_text ?? JSON.stringify(step.import);
  const outcome = await importText(text, each);
  if (step.expect === 'refused') {
    expect(outcome).toEqual({ code: step.error });
    return;
  }
  expect(outcome).toHaveProperty('added');
  const sealed = 'sealed' in outcome ? outcome.sealed.map(({ period }) => String(period)) : [];
  expect(sealed).toEqual(step.sealed ?? []);
}

async function signStep({ sign, ...step }: CaseStep, each: ProtectionCase): Promise<void> {
  if (sign === undefined) throw new Error('a step that is none');
  const outcome = await outcomeOf(() =>
    ledger.protection.claim({
      ...sign,
      genesis: sign.genesis ?? each.genesis,
      hotkey: hotkey(sign.hotkey),
      netuid: netuid(sign.netuid),
      period: blocks(Number(sign.period)),
    }),
  );
  expect(outcome).toEqual(step.expect === 'refused' ? { code: step.error } : step.expect);
}

async function exportStep(step: CaseStep, { genesis }: ProtectionCase): Promise<void> {
  const text = formatInterchange(await ledger.protection.history({ genesis }));
  expect(JSON.parse(text)).toEqual(step.export);
  // What is exported is the same record again on a machine that knows nothing.
  const fresh = await openLedger({ file: ':memory:' });
  await fresh.protection.merge(readInterchange(text, 'the export', genesis));
  expect(formatInterchange(await fresh.protection.history({ genesis }))).toBe(text);
  await fresh.close();
}

describe('a protection record', () => {
  test('is tested by at least 40 cases, each with a name and a sentence', () => {
    const cases = protectionCases();
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(new Set(cases.map(({ about }) => about)).size).toBe(cases.length);
  });

  test.each(protectionCases().map((each) => [each.name, each.about, each] as const))('%s: %s', async (_n, _a, each) => {
    expect(each.steps.length).toBeGreaterThan(0);
    for (const step of each.steps) {
      if ('import' in step || 'import_text' in step) await importStep(step, each);
      else if ('export' in step) await exportStep(step, each);
      else await signStep(step, each);
    }
  });
});
