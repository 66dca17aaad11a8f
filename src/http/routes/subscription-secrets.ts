import { Type } from 'typebox';
import type { SecretRotation } from '../../management/secret-rotation.ts';
import { OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX } from '../../management/secret-rotation.ts';
import type { Subscriptions } from '../../management/subscriptions.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, IdParams, Instant, nullable, ok, success } from '../schemas.ts';
import { mistakesIn } from '../validation.ts';
import { fields, Shown, SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const RotateBody = Type.Object(
  {
    secret: Type.Optional(fields.secret),
    overlapHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: OVERLAP_HOURS_MAX,
        default: OVERLAP_HOURS_DEFAULT,
        description: 'How long the old secret signs beside the new one',
      }),
    ),
  },
  CLOSED,
);

const Rotated = Type.Object({
  ...Shown.properties,
  secret: Type.Optional(Type.String({ description: 'The generated secret' })),
});

const Revealed = Type.Object({
  secret: Type.String(),
  previousSecret: nullable(Type.String({ description: 'Signs as well, until the rotation ends' })),
  rotationEndsAt: nullable(Instant),
});

/** The signing secret: replaced by a rotation, shown in clear. */
export function addSecretRoutes(api: Api, rotation: SecretRotation, subscriptions: Subscriptions): void {
  const path = `${SUBSCRIPTIONS_PATH}/:id/secret`;

  api.post(
    `${path}/rotate`,
    {
      config: { scope: 'integrations:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'rotateSecret',
        tags: ['subscriptions'],
        summary: 'Give a subscription a new signing secret; the old one signs too until the overlap ends',
        params: IdParams,
        body: RotateBody,
        response: { 200: success(Type.Object({ subscription: Rotated })), ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      // No body at all is a rotation as usual; the types know of none.
      const body = (request.body as typeof request.body | undefined) ?? {};
      const { subscription, generated } = await rotation.rotate(
        callerOf(request),
        workspaceId,
        params.id,
        body,
        request.body === undefined ? [] : mistakesIn(request),
      );
      const shown = await subscriptions.show(subscription, body.secret);
      return ok({ subscription: generated === null ? shown : { ...shown, secret: generated } });
    },
  );

  api.post(
    `${path}/rotate/finish`,
    {
      config: { scope: 'integrations:write', rate: 'write' },
      schema: {
        operationId: 'finishSecretRotation',
        tags: ['subscriptions'],
        summary: 'End the overlap now: only the new secret signs',
        params: IdParams,
        response: { 200: success(Type.Object({ subscription: Shown })), ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      const subscription = await rotation.finish(callerOf(request), workspaceId, params.id);
      return ok({ subscription: await subscriptions.show(subscription) });
    },
  );

  api.get(
    path,
    {
      config: { scope: 'integrations:write', rate: 'read' },
      schema: {
        operationId: 'revealSecret',
        tags: ['subscriptions'],
        summary: 'Show the signing secret in clear; written into the audit log',
        params: IdParams,
        response: { 200: success(Revealed), ...FAILURES },
      },
    },
    async (request) => ok(await rotation.reveal(callerOf(request), request.workspaceId, request.params.id)),
  );
}
