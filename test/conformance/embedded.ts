import { startDevnet } from '../../devnet/chain/start.ts';
import { accounts, crowd, type Ground, poorRao, rao, type StateValue } from './ground.ts';
import { openEndpoint, stagedKeys } from './open.ts';
import { call, mustSend } from './send.ts';
import { encodeState } from './state.ts';

/** The suite on the embedded chain: a gated one in memory, whose root is //Alice. */
export async function openEmbedded(): Promise<Ground> {
  const coldkey = accounts.coldkey;
  const devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    // So that it can be filled in a moment.
    poolLimit: 64,
    subnet: { weightsRateLimit: 0 },
    neurons: [
      { account: accounts.validator, coldkey, role: 'validator' },
      { account: accounts.miner, coldkey, role: 'miner' },
      { account: accounts.second, coldkey, role: 'miner' },
      ...crowd.map((account) => ({ account, coldkey, role: 'miner' }) as const),
    ],
    // A validator's own calls cost nothing; that of its wallet does.
    balances: { [accounts.poor]: poorRao, [accounts.validator]: rao },
  });
  const base = await openEndpoint({ url: devnet.url, netuid: 1, wallet: null, archive: null });
  const advance = async () => {
    await devnet.buildBlock();
  };
  const { validator, root, ...keys } = await stagedKeys();
  const ground: Ground = { ...base, advance };
  const set = async (values: readonly StateValue[]) => {
    const items = values.map((value) => encodeState(base.client.runtime, base.netuid, value));
    const there = items.filter(([, value]) => value !== null);
    const gone = items.flatMap(([key, value]) => (value === null ? [key] : []));
    const writes = [
      ...(there.length === 0 ? [] : [call(ground, 'System', 'set_storage', there)]),
      ...(gone.length === 0 ? [] : [call(ground, 'System', 'kill_storage', gone)]),
    ];
    await mustSend(
      ground,
      writes.map((write) => ({ signer: root, method: call(ground, 'Sudo', 'sudo', write) })),
    );
  };
  return {
    ...ground,
    writer: { validator },
    staged: { ...keys, set },
    close: async () => {
      await base.close();
      await devnet.close();
    },
  };
}
