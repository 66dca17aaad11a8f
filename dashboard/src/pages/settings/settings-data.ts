import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Answer } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { noticeDone } from '../../parts/notice.tsx';

export type Settings = Answer<'get', '/api/v1/workspace/settings'>['settings'];
type Change = Partial<Omit<Settings, 'effectiveRetentionDays'>>;

/** Changes the settings that are given; the others stay. */
export function useChangeSettings() {
  const { client } = useAccess();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => client.patch('/api/v1/workspace/settings', { body }),
    onSuccess: ({ settings }) => {
      queries.setQueryData(['settings'], settings);
      noticeDone('The settings are changed.');
    },
  });
}

/** One entry a line; empty lines are none. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
