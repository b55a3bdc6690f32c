import { type StandingFacts, standingFacts } from '../../domain/standing-facts.ts';
import type { Hotkey, Netuid } from '../../domain/units.ts';
import type { ChainScope } from './cycles.ts';
import type { Ledger } from './open.ts';

/** As many cycles as the agreement rate looks back on. */
const agreementWindow = 100;
/** Far more than there are writes between two vectors. */
const writesLookedThrough = 64;

/** Reads how a validator does. A few rows, so that it may be asked at every scrape. */
export async function readStanding(
  { cycles, writes }: Pick<Ledger, 'cycles' | 'writes'>,
  owner: ChainScope & { readonly hotkey: Hotkey },
): Promise<StandingFacts> {
  const latest = await cycles.latest(owner.hotkey, owner);
  const rows = await writes.list({ hotkey: owner.hotkey, limit: writesLookedThrough });
  return standingFacts({
    latest: latest?.record ?? null,
    writes: rows.filter(({ request }) => ofWeights(request.call, owner.netuid)).map(({ outcome }) => outcome),
    agreements: await cycles.agreements(owner.hotkey, owner, agreementWindow),
  });
}

const ofWeights = (call: { readonly kind: string; readonly netuid: Netuid }, netuid: Netuid): boolean =>
  (call.kind === 'set_weights' || call.kind === 'reveal_weights') && call.netuid === netuid;
