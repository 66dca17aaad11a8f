import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useAccess } from '../../access/access.ts';
import { PageLink } from '../../parts/link.tsx';
import { noticeDone } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { changesOf, draftOf, SubscriptionForm, type Draft } from './subscription-form.tsx';
import { useSubscriptionsChanged } from './subscription-data.ts';

const route = getRouteApi('/subscriptions/$id/edit');

/** Changes a subscription. */
export function EditSubscription() {
  const { id } = route.useParams();
  const { client } = useAccess();
  const navigate = route.useNavigate();
  const changed = useSubscriptionsChanged();
  const query = useQuery({
    queryKey: ['subscription-to-edit', id],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/integrations/webhooks/{id}', { path: { id }, signal })).subscription,
    // As it is now, and once: what is written here must not begin with what it was, nor change under one's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const back = (): Promise<void> => navigate({ to: '/subscriptions/$id', params: { id } });
  const save = async (draft: Draft, before: Draft): Promise<void> => {
    const body = changesOf(before, draft);
    if (Object.keys(body).length > 0) {
      await client.patch('/api/v1/integrations/webhooks/{id}', { path: { id }, body });
      await changed();
      noticeDone('The subscription is changed.');
    }
    await back();
  };
  return (
    <Page
      title="Edit subscription"
      trail={[
        <PageLink key="subscription" to="/subscriptions/$id" params={{ id }} size="sm">
          {query.data?.url ?? id}
        </PageLink>,
      ]}
    >
      <Loaded query={query}>
        {(subscription) => (
          <SubscriptionForm
            isNew={false}
            initial={draftOf(subscription)}
            submitLabel="Save"
            save={save}
            cancel={() => void back()}
          />
        )}
      </Loaded>
    </Page>
  );
}
