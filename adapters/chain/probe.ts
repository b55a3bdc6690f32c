import { WsProvider } from '@polkadot/api';
import { quantity, record } from './json.ts';
import { abandonAfter } from './timeout.ts';

/** The height of an endpoint's head, over a connection of its own; null where it does not answer in time. */
export async function probeHead(url: string, timeoutMs: number): Promise<number | null> {
  const provider = new WsProvider(url, false, {}, timeoutMs, 1, 1);
  // What fails here shows as no answer; unheard, the event would be printed.
  provider.on('error', () => undefined);
  const ask = async (): Promise<number> => {
    const connected = new Promise<void>((resolve) => {
      provider.on('connected', () => resolve());
    });
    await provider.connect();
    await connected;
    return quantity(record(await provider.send('chain_getHeader', []), 'header')['number'], 'header number');
  };
  try {
    return await abandonAfter(ask(), timeoutMs);
  } catch {
    return null;
  } finally {
    await provider.disconnect().catch(() => undefined);
  }
}
