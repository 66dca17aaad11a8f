import { IconSend } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { STATE_OPTIONS } from '../../parts/state-options.ts';
import { DeliveryTable, useDeliveries, type DeliveryFilters } from './delivery-table.tsx';

const route = getRouteApi('/deliveries');

const FIELDS: readonly FilterField<keyof DeliveryFilters>[] = [
  { name: 'state', label: 'State', options: STATE_OPTIONS },
  { name: 'eventType', label: 'Event type', placeholder: 'crm.lead.created' },
  { name: 'subscriptionId', label: 'Subscription', placeholder: 'Its id' },
  { name: 'statusCode', label: 'Last status code', placeholder: '500' },
  { name: 'since', label: 'Since', type: 'instant' },
  { name: 'until', label: 'Until', type: 'instant' },
];

/** All deliveries of the workspace, newest first. */
export function DeliveryList() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const query = useDeliveries(filters);
  return (
    <Page title="Deliveries">
      <FilterBar
        fields={FIELDS}
        values={filters}
        onChange={(search) => void navigate({ to: '.', search, replace: true })}
      />
      <DeliveryTable
        query={query}
        empty={
          <Empty icon={IconSend} title="No delivery">
            {Object.keys(filters).length > 0
              ? 'None matches these filters.'
              : 'A delivery is made for each subscription that wants a published event.'}
          </Empty>
        }
      />
    </Page>
  );
}
