import { BlockList, isIP } from 'node:net';

/**
 * The IPv4 networks no webhook may go to: the IANA special-purpose registry (RFC 6890 and its updates, whole,
 * also the few entries that are globally reachable: no receiver lives in an anycast relay), multicast, and
 * 168.63.129.16, a public address behind which a large cloud keeps its internal services.
 */
const REFUSED_IPV4: readonly Network[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by carriers'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', "a cloud's internal services"],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'multicast tunnels'],
  ['192.88.99.0/24', '6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, broadcast'],
];

/**
 * The same for IPv6, within 2000::/3: everything outside it is refused without being listed. The forms that
 * carry an IPv4 address are refused whatever they carry, a public one too: no receiver is reached only so, and
 * what a relay on the way makes of them is not ours to know.
 */
const REFUSED_IPV6: readonly Network[] = [
  ['2001::/23', 'protocol assignments (Teredo, benchmarking, ORCHID)'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3ffe::/16', 'the former 6bone'],
  ['3fff::/20', 'documentation'],
];

/** Outside of 2000::/3; only to name the reason. */
const NAMED_IPV6: readonly Network[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'IPv4-compatible'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'NAT64'],
  ['100::/64', 'discard'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

/** A CIDR block and what it is for. */
type Network = readonly [cidr: string, use: string];

type Family = 'ipv4' | 'ipv6';

/** Whether a webhook may go to an address, and if not, why: for logs and tests, never for the customer. */
export type AddressVerdict = { allowed: true } | { allowed: false; reason: string };

const GLOBAL_UNICAST_IPV6 = blockList(['2000::/3']);
// One list per family: Node's BlockList takes an IPv4 address for its IPv4-mapped form, and would find every
// one of them in ::ffff:0:0/96.
const REFUSED = {
  ipv4: blockList(REFUSED_IPV4.map(([cidr]) => cidr)),
  ipv6: blockList(REFUSED_IPV6.map(([cidr]) => cidr)),
};

/** The rule of which addresses are dialled. Pure; made once from the operator's `VELAHOOK_ALLOW_NETWORKS`. */
export class AddressRule {
  readonly #allowed: { ipv4: BlockList; ipv6: BlockList };

  /** `allowNetworks`: CIDR blocks that are dialled whatever they are. Throws a `TypeError` on a malformed one. */
  constructor(allowNetworks: readonly string[] = []) {
    this.#allowed = {
      ipv4: blockList(allowNetworks.filter((cidr) => !cidr.includes(':'))),
      ipv6: blockList(allowNetworks.filter((cidr) => cidr.includes(':'))),
    };
  }

  /** Judges an address as text, without brackets. What is no address, or has a zone (`fe80::1%eth0`), is refused. */
  judge(address: string): AddressVerdict {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return { allowed: false, reason: 'not an address' };
    const family: Family = version === 4 ? 'ipv4' : 'ipv6';
    if (this.#allowed[family].check(address, family)) return { allowed: true };
    if (family === 'ipv6' && !GLOBAL_UNICAST_IPV6.check(address, family)) {
      return { allowed: false, reason: findUse(NAMED_IPV6, address, family) ?? 'not global unicast' };
    }
    if (!REFUSED[family].check(address, family)) return { allowed: true };
    const networks = family === 'ipv4' ? REFUSED_IPV4 : REFUSED_IPV6;
    return { allowed: false, reason: findUse(networks, address, family) ?? 'special purpose' };
  }

  allows(address: string): boolean {
    return this.judge(address).allowed;
  }
}

function findUse(networks: readonly Network[], address: string, family: Family): string | undefined {
  return networks.find(([cidr]) => blockList([cidr]).check(address, family))?.[1];
}

/** Splits `10.0.0.0/8`; a bare address is a network of one. Throws a `TypeError` when it is neither. */
export function parseNetwork(cidr: string): { address: string; prefix: number; family: Family } {
  const [, address = '', prefixText] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(cidr) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (version === 0 || prefix > bits) throw new TypeError(`${cidr} is not a network`);
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const { address, prefix, family } = parseNetwork(cidr);
    list.addSubnet(address, prefix, family);
  }
  return list;
}
