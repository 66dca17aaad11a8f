import { Type } from 'typebox';
import type { Subscriptions } from '../../management/subscriptions.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, ok, success } from '../schemas.ts';
import { bodyOf } from '../validation.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const CheckBody = Type.Object({ url: Type.String({ examples: ['https://example.com/hook'] }) }, CLOSED);
const Problems = Type.Array(Type.Object({ message: Type.String() }), {
  description: 'None: it may be subscribed',
});

/** What is wrong with a URL, before it is subscribed. */
export function addUrlCheckRoute(api: Api, subscriptions: Subscriptions): void {
  api.post(
    `${SUBSCRIPTIONS_PATH}/check-url`,
    {
      config: { scope: 'integrations:read', rate: 'read' },
      attachValidation: true,
      schema: {
        operationId: 'checkUrl',
        tags: ['subscriptions'],
        summary: 'Say what is wrong with a URL, as creating a subscription would',
        body: CheckBody,
        response: { 200: success(Type.Object({ problems: Problems })), ...FAILURES },
      },
    },
    async (request) => ok({ problems: await subscriptions.checkUrl(bodyOf(request).url) }),
  );
}
