import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { fail } from '../../../domain/errors/error.ts';
import type { Road } from '../transfer/request.ts';
import { isPublicAddress } from './public-address.ts';

export interface GuardOptions {
  /** Private and local addresses are allowed too: for tests, and for subnets of one's own network. */
  readonly allowPrivate: boolean;
  /** Servers that the operator named, whose addresses are the operator's business. */
  readonly trusted?: readonly URL[];
}

type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/**
 * Keeps requests to an address that a stranger chose away from this machine and its network: HTTP and HTTPS alone, no
 * password, and no address but of the internet. Names are judged by what they resolve to, at the very moment of each
 * connection, so that a name that points elsewhere the second time gains nothing; redirects are judged like the first
 * address.
 *
 * @throws OST_PULL_ADDRESS, from `allow` or as the reason that a connection failed
 */
export function guardedRoad({ allowPrivate, trusted = [] }: GuardOptions): Required<Pick<Road, 'allow' | 'connect'>> {
  const trustedHosts = new Set(trusted.map(({ hostname }) => hostname));
  const free = (hostname: string): boolean => allowPrivate || trustedHosts.has(hostname);
  const refuse = (address: string, problem: string) => fail('OST_PULL_ADDRESS', { address, problem });

  const guardedLookup: Lookup = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const inside = free(hostname) ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
      if (inside !== undefined) return callback(refuse(hostname, `it resolves to ${inside.address}`), []);
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return first === undefined
        ? callback(new Error(`${hostname} has no address`), [])
        : callback(null, first.address, first.family);
    });
  };
  return {
    allow(url) {
      const shown = url.origin === 'null' ? url.protocol : url.origin;
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(shown, 'it is neither HTTP nor HTTPS');
      if (url.username !== '' || url.password !== '') throw refuse(shown, 'it carries a name and password');
      // URLs have their forms of IPv4 (decimal, hexadecimal, short) made one already; names are judged when they are
      // looked up.
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0 && !free(url.hostname) && !isPublicAddress(host)) throw refuse(shown, 'it is not public');
    },
    connect: { lookup: guardedLookup },
  };
}
