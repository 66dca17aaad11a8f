import { describe } from 'vitest';
import { describeAccounts } from './accounts-suite.ts';
import { describeAdministration } from './administration-suite.ts';
import { describeAudit } from './audit-suite.ts';
import { describeCatalogue } from './catalogue-suite.ts';
import { describeEventHistory } from './event-history-suite.ts';
import { describeDeliveryHistory } from './delivery-history-suite.ts';
import { describeEvents } from './events-suite.ts';
import { describeFanouts } from './fanouts-suite.ts';
import type { OpenStore } from './fixtures.ts';
import { describeLanes } from './lanes-suite.ts';
import { describeLifecycle } from './lifecycle-suite.ts';
import { describeNodes } from './nodes-suite.ts';
import { describeNotices } from './notices-suite.ts';
import { describeOrder } from './order-suite.ts';
import { describeRecords } from './records-suite.ts';
import { describeReplays } from './replays-suite.ts';
import { describeReplayJobs } from './replay-jobs-suite.ts';
import { describeRetention } from './retention-suite.ts';
import { describeSealings } from './sealings-suite.ts';
import { describeStreams } from './streams-suite.ts';
import { describeStatistics } from './statistics-suite.ts';
import { describeSubscriptionOptions } from './subscription-options-suite.ts';
import { describeSubscriptions } from './subscriptions-suite.ts';
import { describeWorkspaceRetention } from './workspace-retention-suite.ts';
import { describeWorkspaceSettings } from './workspace-settings-suite.ts';

/** What `src/store/store.ts` promises, as tests that every store must pass. */
export function describeStore(name: string, open: OpenStore): void {
  describe(`${name} keeps the contract of a store:`, () => {
    describeLifecycle(open);
    describeNodes(open);
    describeAccounts(open);
    describeAdministration(open);
    describeAudit(open);
    describeCatalogue(open);
    describeSubscriptions(open);
    describeSubscriptionOptions(open);
    describeStatistics(open);
    describeSealings(open);
    describeNotices(open);
    describeEvents(open);
    describeFanouts(open);
    describeLanes(open);
    describeRecords(open);
    describeOrder(open);
    describeEventHistory(open);
    describeDeliveryHistory(open);
    describeReplays(open);
    describeReplayJobs(open);
    describeRetention(open);
    describeWorkspaceSettings(open);
    describeStreams(open);
    describeWorkspaceRetention(open);
  });
}
