import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { Answer } from '@velahook/sdk';
import { useAccess, useMay } from '../../access/access.ts';

export type EventType = Answer<'get', '/api/v1/event-types/{name}'>['eventType'];
export type ValidationMode = EventType['effectiveValidation'];

/** One event type of the catalogue. */
export function useEventType(name: string): UseQueryResult<EventType> {
  const { client } = useAccess();
  return useQuery({
    queryKey: ['event-types', 'one', name],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/event-types/{name}', { path: { name }, signal })).eventType,
  });
}

/** To be called when the catalogue was changed here: the live stream does not tell of that. */
export function useCatalogueChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['event-types'] });
}

/** Whether the reader may change the catalogue; a platform's customers only read it. */
export function useMayChangeCatalogue(): boolean {
  const mayWrite = useMay('catalogue:write');
  return useAccess().kind !== 'portal' && mayWrite;
}

/** What each way of validating does. */
export const VALIDATION_OPTIONS: readonly { value: ValidationMode; label: string }[] = [
  { value: 'off', label: 'Off: taken, and not looked at' },
  { value: 'warn', label: 'Warn: taken, and the answer warns' },
  { value: 'reject', label: 'Reject: refused with a 422' },
];

/**
 * Every entry of a subscription that wants the event type: the type itself, its prefix patterns, `*`, which does not want
 * the platform's own types.
 */
export function entriesWanting(eventType: string): string[] {
  const parts = eventType.split('.');
  const patterns = parts.slice(1).map((_, i) => `${parts.slice(0, parts.length - 1 - i).join('.')}.*`);
  return [eventType, ...patterns, ...(eventType.startsWith('webhook.') ? [] : ['*'])];
}
