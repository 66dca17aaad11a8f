import { Type } from 'typebox';
import { PATH_CHARS_MAX } from '../../domain/json-path.ts';
import { REDACTION_PATHS_MAX } from '../../domain/redaction.ts';
import { RETENTION_DAYS_MAX, RETENTION_DAYS_MIN } from '../../domain/retention.ts';
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

const Settings = Type.Object({
  ...fields,
  effectiveRetentionDays: Type.Integer({ description: 'Days that history is kept' }),
});

const Change = Type.Partial(Type.Object(fields), CLOSED);

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
