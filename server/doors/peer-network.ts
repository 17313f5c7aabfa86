import { isIPv6 } from 'node:net';

/** Hextets of an IPv6 address that one subscriber has to himself: a /64 is his, whole. */
const NETWORK_HEXTETS = 4;

/** The address of a peer as a door tells it, `address:port`. */
export function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}

/**
 * What counts as one caller when nothing better is known: the IPv4 address, or the /64 network of an
 * IPv6 address. What is no address stays as it is.
 */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head.split(':').filter((hextet) => hextet !== '');
  const right = tail.split(':').filter((hextet) => hextet !== '');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const network = [...left, ...zeros, ...right].slice(0, NETWORK_HEXTETS);
  return `${network.map((hextet) => parseInt(hextet, 16).toString(16)).join(':')}::/64`;
}
