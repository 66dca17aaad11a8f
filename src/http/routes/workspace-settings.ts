import { Type } from 'typebox';
import { PATH_CHARS_MAX } from '../../domain/json-path.ts';
import { FRAME_ANCESTORS_MAX, PORTAL_TITLE_CHARS_MAX } from '../../domain/portal.ts';
import { REDACTION_PATHS_MAX } from '../../domain/redaction.ts';
import { RETENTION_DAYS_MAX, RETENTION_DAYS_MIN } from '../../domain/retention.ts';
import { URL_CHARS_MAX } from '../../domain/subscription.ts';
import type { WorkspaceSettingsDesk } from '../../management/workspace-settings.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, nullable, ok, success } from '../schemas.ts';
import { mistakesIn } from '../validation.ts';

const fields = {
  retentionDays: nullable(
    Type.Integer({
      minimum: RETENTION_DAYS_MIN,
      maximum: RETENTION_DAYS_MAX,
      description: 'Days that history is kept, no more than the installation does; null: as long as it does',
    }),
  ),
  redactionPaths: Type.Array(
    Type.String({ maxLength: PATH_CHARS_MAX, examples: ['$.customer.email', '$.lines[*].name'] }),
    {
      maxItems: REDACTION_PATHS_MAX,
      description: 'What is taken out of the bodies of responses before they are stored',
    },
  ),
};

const look = {
  title: nullable(Type.String({ maxLength: PORTAL_TITLE_CHARS_MAX, examples: ['Acme webhooks'] })),
  logoUrl: nullable(
    Type.String({ maxLength: URL_CHARS_MAX, examples: ['https://acme.example.com/logo.svg'] }),
  ),
  primaryColor: nullable(Type.String({ description: 'As #rrggbb', examples: ['#1f6feb'] })),
};
const frameAncestors = Type.Array(
  Type.String({ maxLength: URL_CHARS_MAX, examples: ['https://app.example.com'] }),
  {
    maxItems: FRAME_ANCESTORS_MAX,
    description: 'Origins of the pages that may show the portal in a frame; none: no page may',
  },
);

const Settings = Type.Object({
  ...fields,
  portal: nullable(Type.Object({ frameAncestors, ...look })),
  effectiveRetentionDays: Type.Integer({ description: 'Days that history is kept' }),
});

const Change = Type.Partial(
  Type.Object({
    ...fields,
    portal: nullable(Type.Partial(Type.Object({ frameAncestors, ...look }), CLOSED)),
  }),
  CLOSED,
);

/** What the workspace of the token decides for itself. */
export function addWorkspaceSettingsRoutes(api: Api, settings: WorkspaceSettingsDesk): void {
  api.get(
    '/workspace/settings',
    {
      config: { scope: 'workspace:read', rate: 'read' },
      schema: {
        operationId: 'getWorkspaceSettings',
        summary: 'Get the settings of the workspace',
        tags: ['workspace'],
        response: { 200: success(Type.Object({ settings: Settings })), ...FAILURES },
      },
    },
    async ({ workspaceId }) => ok({ settings: await settings.get(workspaceId) }),
  );

  api.patch(
    '/workspace/settings',
    {
      config: { scope: 'workspace:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'changeWorkspaceSettings',
        summary: 'Change the settings of the workspace',
        tags: ['workspace'],
        body: Change,
        response: { 200: success(Type.Object({ settings: Settings })), ...FAILURES },
      },
    },
    async (request) => {
      // No body at all changes nothing.
      const change = (request.body as typeof request.body | undefined) ?? {};
      const changed = await settings.change(
        callerOf(request),
        request.workspaceId,
        change,
        mistakesIn(request),
      );
      return ok({ settings: changed });
    },
  );
}
