import { IconMapOff } from '@tabler/icons-react';
import { Empty } from '../parts/empty.tsx';
import { PageLink } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

export function NotFound() {
  return (
    <Page title="No such page">
      <Empty icon={IconMapOff} title="There is nothing at this address">
        Go to the <PageLink to="/">overview</PageLink>, or search for an id above.
      </Empty>
    </Page>
  );
}
