import { Type } from 'typebox';
import { PORTAL_SCOPES } from '../../domain/portal.ts';
import type { LinkDraft, Portal } from '../../management/portal.ts';
import { LINK_MINUTES_DEFAULT, LINK_MINUTES_MAX, LINK_MINUTES_MIN } from '../../management/portal.ts';
import type { AuthDeps } from '../auth.ts';
import { refuseStranger } from '../auth.ts';
import { callerOf } from '../caller.ts';
import { countedOf } from '../rate-limits.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, Instant, nullable, ok, oneOf, success } from '../schemas.ts';
import { bodyOf } from '../validation.ts';

/** Longer than any code. */
const CODE_CHARS_MAX = 1_000;

const about = { tags: ['portal'] };
const Scopes = Type.Array(oneOf(PORTAL_SCOPES));

const LinkBody = Type.Object(
  {
    expiresInMinutes: Type.Optional(
      Type.Integer({ minimum: LINK_MINUTES_MIN, maximum: LINK_MINUTES_MAX, default: LINK_MINUTES_DEFAULT }),
    ),
    scopes: Type.Optional(
      Type.Array(oneOf(PORTAL_SCOPES), {
        minItems: 1,
        maxItems: PORTAL_SCOPES.length,
        uniqueItems: true,
        description: 'No more than the token has; default: all of them that it has, but deliveries:write',
      }),
    ),
  },
  CLOSED,
);

const Link = Type.Object({
  url: Type.String({ description: 'To be opened, or to be shown in a frame: in this answer only' }),
  expiresAt: Instant,
  scopes: Scopes,
});

/** Making a link to the portal; whoever came by such a link makes none. */
export function addPortalLinkRoute(api: Api, portal: Portal): void {
  api.post(
    '/portal/links',
    {
      config: { scope: 'integrations:write', rate: 'write', portal: false },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'createPortalLink',
        summary: 'Make a link that shows the workspace to one of its people',
        body: LinkBody,
        response: { 201: success(Type.Object({ link: Link }), 'Created'), ...FAILURES },
      },
    },
    async (request, reply) => {
      const { access, workspaceId } = request;
      if (access === null) throw new Error('The route needs a token.');
      // No body at all is a link as usual; the types know of none.
      const body = request.body as LinkDraft | undefined;
      const draft = body === undefined ? {} : (bodyOf(request) as LinkDraft);
      const link = await portal.createLink(callerOf(request), access, workspaceId, draft);
      return reply.code(201).send(ok({ link }));
    },
  );
}

const ExchangeBody = Type.Object(
  {
    code: Type.String({
      minLength: 1,
      maxLength: CODE_CHARS_MAX,
      description: 'What is behind the # of the link',
    }),
  },
  CLOSED,
);

const Granted = Type.Object({
  bearer: Type.String({ description: 'For Authorization: Bearer, with x-workspace-id, until it expires' }),
  workspaceId: Type.String(),
  workspaceName: Type.String(),
  expiresAt: Instant,
  scopes: Scopes,
  portal: nullable(
    Type.Object({
      title: nullable(Type.String()),
      logoUrl: nullable(Type.String()),
      primaryColor: nullable(Type.String()),
    }),
  ),
});

/** Exchanging the code of a link; it needs no token, and may be repeated, since frames are loaded again. */
export function addPortalExchangeRoute(api: Api, deps: AuthDeps): void {
  const { portal, rateLimits } = deps;
  api.post(
    '/portal/exchange',
    {
      config: { rate: 'read' },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'exchangePortalCode',
        summary: "Exchange a link's code for what the portal calls the API with",
        security: [],
        body: ExchangeBody,
        response: { 200: success(Granted), ...FAILURES },
      },
    },
    async (request, reply) => {
      const granted = await portal.exchange(bodyOf(request).code);
      if (granted === undefined)
        throw await refuseStranger(request, deps, 'The link has expired, or was ended. Ask for a new one.');
      await rateLimits.count('read', countedOf(granted.access), reply);
      return ok(granted.view);
    },
  );
}
