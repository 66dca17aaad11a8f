import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { VelahookError, type Answer } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { cutOut } from '../../parts/exact-json.ts';

export interface EventText {
  event: Answer<'get', '/api/v1/events/{id}'>['event'];
  /** `data` as it was published: numbers of any size, the order of keys. */
  data: string;
  /** What receivers get. */
  body: string;
}

/** An event with its payload as text: to parse it would lose digits. */
export function useEventText(id: string, enabled = true): UseQueryResult<EventText> {
  const { client } = useAccess();
  return useQuery({
    enabled,
    queryKey: ['events', 'one', id],
    queryFn: async ({ signal }) => {
      const response = await client.send('GET', `/api/v1/events/${encodeURIComponent(id)}`, { signal });
      if (!response.ok) throw await VelahookError.of(response);
      const text = await response.text();
      const answer = JSON.parse(text) as { data: Answer<'get', '/api/v1/events/{id}'> };
      const { event } = answer.data;
      const data = cutOut(text, ['data', 'event', 'data']) ?? '{}';
      const { eventId, eventType, timestamp, workspaceId } = event;
      const head = JSON.stringify({ eventId, eventType, timestamp, workspaceId });
      return { event, data, body: `${head.slice(0, -1)},"data":${data}}` };
    },
  });
}
