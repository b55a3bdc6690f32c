import { BlockList, isIP } from 'node:net';

/** IPv4 networks that are nobody's address on the internet (IANA's special-purpose registry), multicast among them. */
const reserved4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/**
 * Of what the internet uses of IPv6: documentation, and what carries an IPv4 address inside that would go unchecked.
 */
const reserved6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

function blockList(): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of reserved4) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of reserved6) list.addSubnet(network, prefix, 'ipv6');
  return list;
}

const reserved = blockList();

/** All that IPv6 has given out to the internet so far. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address belongs to the internet, and not to this machine, its network or its cloud's metadata. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !reserved.check(address, 'ipv4');
  // A zone is of a link, and no link is the internet. IPv4 mapped into IPv6 is no address that anybody announces.
  return family === 6 && !address.includes('%') && global6.check(address, 'ipv6') && !reserved.check(address, 'ipv6');
}
