import { decideAgreement, type HeldMessage } from '../../domain/agreement/decide.ts';
import { readDigest } from '../../domain/agreement/table.ts';
import { bodyDigest, type PeerPurpose } from '../../domain/peers/message.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { AgreementActivities, GatherDigestsInput } from './activities.ts';
import { relay } from './relay.ts';

/** A table that its author could not hand over is asked for at so many others; each answers with all that it has. */
const askedForTables = 3;

const wanted = (purpose: PeerPurpose, { cycle, directory }: GatherDigestsInput) => ({
  purpose,
  cycle,
  authors: new Set(directory.peers.map(({ hotkey }) => hotkey)),
});

const held = async (
  { ledger, chain, netuid }: ValidatorDeps,
  purpose: PeerPurpose,
  cycle: number,
): Promise<readonly HeldMessage[]> =>
  (await ledger.peers.list({ genesis: chain.genesis, netuid, cycle, purpose })).map(({ message, receivedAtBlock }) => ({
    from: message.from,
    body: message.body,
    receivedAtBlock,
  }));

export const gatherDigests =
  (deps: ValidatorDeps): AgreementActivities['gatherDigests'] =>
  async (input) => {
    await relay(deps, input.sources, wanted('scores-digest', input));
    const here = new Set((await held(deps, 'scores-digest', input.cycle)).map(({ from }) => from));
    return { heard: input.directory.peers.map(({ hotkey }) => hotkey).filter((hotkey) => here.has(hotkey)) };
  };

/** Digests are asked of everybody, because that shows who announced one thing here and another there. */
export const agreeOnScores =
  (deps: ValidatorDeps): AgreementActivities['agreeOnScores'] =>
  async (input) => {
    const { cycle, directory, sources, digestsBy, tablesBy } = input;
    await relay(deps, sources, wanted('scores-digest', input));
    const digests = await held(deps, 'scores-digest', cycle);
    const missing = async (): Promise<readonly Hotkey[]> => {
      const here = new Set((await held(deps, 'scores-table', cycle)).map(({ body }) => bodyDigest(body)));
      return digests.flatMap(({ from, body, receivedAtBlock }) =>
        receivedAtBlock <= digestsBy && !here.has(readDigest(body) ?? '') ? [from] : [],
      );
    };
    const absent = await missing();
    await relay(
      deps,
      sources.filter(({ target }) => absent.includes(target)),
      wanted('scores-table', input),
    );
    const others = sources.filter(({ target }) => !absent.includes(target));
    for (const source of others.slice(0, askedForTables)) {
      if ((await missing()).length === 0) break;
      await relay(deps, [source], wanted('scores-table', input));
    }
    const tables = await held(deps, 'scores-table', cycle);
    return decideAgreement({ own: deps.hotkey, directory: plain(directory), digests, tables, digestsBy, tablesBy });
  };

const plain = ({ block, peers }: GatherDigestsInput['directory']) => ({ block: block.number, peers });
