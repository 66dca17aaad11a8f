import type { Access } from '../domain/access.ts';
import type { Caller } from '../domain/audit.ts';
import { Refusal } from '../domain/errors.ts';
import { ID_FORM } from '../domain/ids.ts';
import type { PortalScope, PortalSettings } from '../domain/portal.ts';
import { PORTAL_SCOPES, PORTAL_SCOPES_DEFAULT } from '../domain/portal.ts';
import { SCOPES } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore } from '../store/contract/accounts.ts';
import type { AuditStore } from '../store/contract/audit.ts';
import type { WorkspaceSettingsStore } from '../store/contract/settings.ts';
import { auditEntry } from './audit-log.ts';
import type { Issuers } from './issuers.ts';
import { SealedValue } from './sealed-value.ts';
import { isoOf } from './subscription-view.ts';

/** What a bearer of the portal begins with: it is told from a token at a glance, also where it has leaked to. */
const BEARER_PREFIX = 'sk_portal_';
/** A sealed link has about 190; with the prefix it fits into what an `Authorization` header may have. */
const LINK_CHARS_MAX = 240;

/** Long enough to open it, and no longer than a day: a link is made anew whenever a page is shown. */
export const LINK_MINUTES_MIN = 5;
export const LINK_MINUTES_MAX = 1_440;
export const LINK_MINUTES_DEFAULT = 60;
const MINUTE_MS = 60_000;

export interface LinkDraft {
  expiresInMinutes?: number;
  scopes?: readonly PortalScope[];
}

/** A link as the API shows it, this once. */
export interface LinkView {
  url: string;
  expiresAt: string;
  scopes: PortalScope[];
}

/** What a link is exchanged for. */
export interface PortalAccessView {
  bearer: string;
  workspaceId: string;
  workspaceName: string;
  expiresAt: string;
  scopes: PortalScope[];
  portal: Omit<PortalSettings, 'frameAncestors'> | null;
}

type PortalAccess = Access & { scopes: PortalScope[] };

/** What a code and a bearer have in them, alike; scopes by their place among all, which never changes. */
type Sealed = readonly [issuer: string, workspaceId: string, expiresAt: number, scopes: readonly number[]];

export interface PortalDeps {
  keyring: Keyring;
  issuers: Issuers;
  store: Pick<AccountStore, 'findWorkspace'> &
    Pick<WorkspaceSettingsStore, 'findSettings'> &
    Pick<AuditStore, 'appendAudit'>;
  /** Where the API is seen from outside, known once it listens. */
  publicUrl: () => string;
  clock: Clock;
  random: Random;
}

/**
 * The customer portal: links that show one workspace to somebody who has no token. Nothing of them is stored. A link's
 * code only serves to be exchanged for a bearer, and the bearer is no code: what stands in a URL cannot call the API.
 */
export class Portal {
  readonly #deps: PortalDeps;
  readonly #codes: SealedValue<Sealed>;
  readonly #bearers: SealedValue<Sealed>;

  constructor(deps: PortalDeps) {
    this.#deps = deps;
    this.#codes = new SealedValue(deps.keyring, 'portal code', LINK_CHARS_MAX);
    this.#bearers = new SealedValue(deps.keyring, 'portal bearer', LINK_CHARS_MAX);
  }

  /** Makes a link that lets its holder do no more than whoever makes it. */
  async createLink(by: Caller, access: Access, workspaceId: string, draft: LinkDraft): Promise<LinkView> {
    const { store, issuers, clock, publicUrl } = this.#deps;
    const { expiresInMinutes = LINK_MINUTES_DEFAULT } = draft;
    const scopes = grantedBy(access, draft.scopes);
    const until = clock.now() + expiresInMinutes * MINUTE_MS;
    const expiresAt = Math.round(Math.min(until, access.token?.expiresAt ?? Infinity));
    const places = scopes.map((scope) => SCOPES.indexOf(scope));
    const code = this.#codes.seal([await issuers.nameOf(access.token), workspaceId, expiresAt, places]);
    const change = { action: 'portal.link_created', workspaceId, fields: draft } as const;
    // Nothing is shown that could not be written down first.
    await store.appendAudit(auditEntry(this.#deps, by, change));
    return { url: `${publicUrl()}/portal/${workspaceId}#${code}`, expiresAt: isoOf(expiresAt), scopes };
  }

  /** What the code of a link is exchanged for, as often as it is asked for; undefined when it is good for nothing. */
  async exchange(code: string): Promise<{ access: Access; view: PortalAccessView } | undefined> {
    const sealed = this.#codes.open(code);
    const access = sealed && (await this.#accessOf(sealed));
    if (sealed === undefined || access === undefined) return undefined;
    const [, workspaceId, expiresAt] = sealed;
    const { store } = this.#deps;
    const [workspace, settings] = await Promise.all([
      store.findWorkspace(workspaceId),
      store.findSettings(workspaceId),
    ]);
    if (workspace === undefined || settings === undefined) return undefined;
    const view = {
      bearer: BEARER_PREFIX + this.#bearers.seal(sealed),
      workspaceId,
      workspaceName: workspace.name,
      expiresAt: isoOf(expiresAt),
      scopes: access.scopes,
      portal: settings.portal === null ? null : lookOf(settings.portal),
    };
    return { access, view };
  }

  /** What a bearer lets in; undefined for whatever is none that holds. */
  async findAccess(bearer: string): Promise<Access | undefined> {
    if (!bearer.startsWith(BEARER_PREFIX)) return undefined;
    const sealed = this.#bearers.open(bearer.slice(BEARER_PREFIX.length));
    return sealed && this.#accessOf(sealed);
  }

  /** The settings that its page is served with; null for an unknown workspace as for one that has none. */
  async settingsOf(workspaceId: string): Promise<PortalSettings | null> {
    if (!ID_FORM.test(workspaceId)) return null;
    return (await this.#deps.store.findSettings(workspaceId))?.portal ?? null;
  }

  async #accessOf([issuer, workspaceId, expiresAt, places]: Sealed): Promise<PortalAccess | undefined> {
    const { issuers, store, clock } = this.#deps;
    if (expiresAt <= clock.now()) return undefined;
    const token = await issuers.find(issuer);
    if (token === undefined) return undefined;
    // A workspace's token ends with it; the administrator's does not.
    if (token === null && (await store.findWorkspace(workspaceId)) === undefined) return undefined;
    const held = token?.scopes ?? SCOPES;
    const scopes = PORTAL_SCOPES.filter(
      (scope) => places.includes(SCOPES.indexOf(scope)) && held.includes(scope),
    );
    return { token, via: 'portal', workspaceId, scopes };
  }
}

function lookOf({ title, logoUrl, primaryColor }: PortalSettings): PortalAccessView['portal'] {
  return { title, logoUrl, primaryColor };
}

function grantedBy({ scopes: held }: Access, asked: readonly PortalScope[] | undefined): PortalScope[] {
  if (asked === undefined) return PORTAL_SCOPES_DEFAULT.filter((scope) => held.includes(scope));
  const lacking = asked.find((scope) => !held.includes(scope));
  if (lacking !== undefined)
    throw new Refusal('FORBIDDEN', `This token lacks the scope ${lacking}, and cannot give it to a link.`);
  return PORTAL_SCOPES.filter((scope) => asked.includes(scope));
}
