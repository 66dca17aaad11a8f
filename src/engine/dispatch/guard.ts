import { isIP } from 'node:net';
import { AddressRule } from '../../domain/address.ts';
import { NameResolver, type Resolution } from './name-resolver.ts';

/** What the operator allows beyond the public internet, and where names are asked for. */
export interface GuardOptions {
  /** CIDR blocks that are dialled whatever they are. */
  allowNetworks: readonly string[];
  /** Names resolved as the system does (hosts file); their addresses are judged like any other. */
  allowHosts: readonly string[];
  /** `address[:port]`; empty for the system's resolvers. */
  dnsServers: readonly string[];
}

/** Where a host may be dialled: `refused` when the rule forbids any of its addresses. */
export type Vetting = Resolution | { kind: 'refused' };

/** A create or update waits this long for a name; one that is not there yet may be about to exist. */
const CHECK_MS_MAX = 2_000;

/**
 * The address guard: the dispatcher has one, and so has the API, which asks before it stores a URL. Every
 * connection goes to an address that was judged here, in this attempt, and to that very address: names are never
 * handed on, so no later answer can differ. One refused address refuses the whole host, though the others would be
 * safe to dial: nobody has a public name half inside by accident.
 */
export class Guard {
  readonly #rule: AddressRule;
  readonly #resolver: NameResolver;

  constructor(options: GuardOptions) {
    this.#rule = new AddressRule(options.allowNetworks);
    this.#resolver = new NameResolver(options.dnsServers, options.allowHosts);
  }

  /** Resolves and judges a host as a URL has it: a name, an IPv4 address, or an IPv6 address in brackets. */
  async vet(host: string): Promise<Vetting> {
    const literal = host.startsWith('[') ? host.slice(1, -1) : host;
    const resolution: Resolution =
      isIP(literal) === 0 ? await this.#resolver.resolve(host) : { kind: 'addresses', addresses: [literal] };
    if (resolution.kind !== 'addresses') return resolution;
    return resolution.addresses.every((address) => this.#rule.allows(address))
      ? resolution
      : { kind: 'refused' };
  }

  /**
   * The check at create and update, answered within two seconds: `unresolved` is to be accepted, since delivery
   * checks again.
   */
  async check(host: string): Promise<'allowed' | 'refused' | 'unresolved'> {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, CHECK_MS_MAX, undefined);
    });
    const vetting = await Promise.race([this.vet(host), giveUp]);
    clearTimeout(timer);
    if (vetting?.kind === 'addresses') return 'allowed';
    return vetting?.kind === 'refused' ? 'refused' : 'unresolved';
  }

  /** Whether our resolver has answered nothing since that moment (of `monotonic()`): a fault of ours. */
  isResolverSilentSince(monotonicMs: number): boolean {
    return this.#resolver.isSilentSince(monotonicMs);
  }

  close(): void {
    this.#resolver.close();
  }
}
