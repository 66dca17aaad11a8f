import { BrowserSession } from '../support/browser-session.ts';
import type { FuzzOptions, FuzzReport } from '../support/api-fuzz.ts';
import { fuzzApi } from '../support/api-fuzz.ts';
import type { RunningApp } from './running-app.ts';
import { ADMIN_TOKEN } from './running-app.ts';

/** Requests to everything there is, with a token of the workspace or the admin token, as each call wants. */
export async function fuzzApp(
  { api, admin }: RunningApp,
  options: Pick<FuzzOptions, 'seed' | 'isEnough'>,
): Promise<FuzzReport> {
  const { url, token, workspaceId } = api.access;
  const { _id } = await api.subscribe({ url: 'https://hooks.example.com/velahook', events: ['*'] });
  await api.publish('crm.lead.created', {});
  const { items } = await admin.ok<{ items: { _id: string }[] }>('GET', `/tokens?workspaceId=${workspaceId}`);
  const { cookie, session } = await BrowserSession.start(url, token);
  return fuzzApi({
    ...options,
    url,
    credentials: {
      token: { authorization: `Bearer ${token}` },
      workspace: { 'x-workspace-id': workspaceId },
      admin: { authorization: `Bearer ${ADMIN_TOKEN}` },
      session: { cookie, 'x-anti-forgery-token': session.antiForgeryToken },
    },
    keptIds: [workspaceId, _id, ...items.map((item) => item._id)],
  });
}
