import { hexToU8a } from '@polkadot/util';
import { connectChain } from '../../adapters/chain/client.ts';
import { hexOf } from '../../adapters/chain/json.ts';
import { metagraphCall, readMetagraph } from '../../adapters/chain/metagraph.ts';
import { netuid } from '../../domain/units.ts';
import type { BenchEndpoint } from './open.ts';
import type { Result } from './result.ts';
import { inTurns, ratios, rounded, spreadOf } from './spread.ts';

const one = netuid(1);
const atLeast = 1;

/**
 * From the snapshot's bytes to our own records, against the library that decodes the same bytes: into its codecs, which
 * hold numbers and accounts that nobody has read yet, and on to plain values, as our records are.
 */
export async function measureDecode(endpoint: BenchEndpoint, rounds: number): Promise<Result> {
  const chain = await connectChain({ endpoints: [endpoint.url] });
  try {
    const { runtime } = chain;
    const call = metagraphCall(runtime, one);
    const output = call === null ? undefined : runtime.methods.get(call.method)?.output;
    if (call === null || output === undefined) throw new Error('this chain has no metagraph call');
    const { hash } = await chain.head();
    const answer = hexOf(await endpoint.call('state_call', call.method, call.data, hash), call.method);
    const ours = () => readMetagraph(call.decode(answer), hash, one);
    const raw = () => runtime.registry.createType(output, hexToU8a(answer));
    if (ours().neurons.length !== 256) throw new Error('there are not 256 neurons');
    const codecs = await inTurns(rounds, 10, { ours, other: raw });
    const json = await inTurns(rounds, 10, { ours, other: () => raw().toJSON() });
    const ratio = spreadOf(ratios(json));
    return {
      name: 'decoding of a snapshot',
      passed: ratio.median >= atLeast,
      figures: {
        rounds,
        answerBytes: hexToU8a(answer).length,
        oursMs: rounded(spreadOf(codecs.ours)),
        rawMs: rounded(spreadOf(codecs.other)),
        rawOverOurs: rounded(spreadOf(ratios(codecs))),
        rawPlainMs: rounded(spreadOf(json.other)),
        rawPlainOverOurs: rounded(ratio),
        bar: atLeast,
      },
    };
  } finally {
    await chain.close();
  }
}
