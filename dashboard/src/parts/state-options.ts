/** The states of deliveries, for a filter. */
export const STATE_OPTIONS = [
  { value: 'pending', label: 'pending' },
  { value: 'succeeded', label: 'succeeded' },
  { value: 'failed', label: 'failed' },
  { value: 'cancelled', label: 'cancelled' },
  { value: 'skipped', label: 'skipped' },
];
