import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { CATALOGUE } from '../../src/domain/catalogue.ts';
import { ApiClient } from '../../test/support/api-client.ts';
import { startDnsServer } from '../../test/support/dns-server.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Receiver } from '../../test/support/receiver.ts';
import { issueCertificate } from '../../test/support/certificates.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { WORKSPACE_ID } from '../../test/support/server-process.ts';
import type { TestApp } from '../../test/support/test-app.ts';
import { startTestApp } from '../../test/support/test-app.ts';
import { busyness, CUSTOMERS } from './customers.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 10 * MINUTE_MS;
/** Within a step time is let pass in pieces of about so much. */
const PIECE_MS = 100_000;
/** Tokens are the administrator's, who may look at everything else, too. */
export const ADMIN_TOKEN = 'administers'.repeat(4);
/** What happens in a step of the busiest hour. */
const EVENTS_PER_STEP = 22;
/** So many events at most at one instant. */
const TOGETHER_MAX = 8;
const LOOK_AGAIN_MS = 2;
/** Gauges of what is under way. */
const BUSY = ['velahook_events_waiting', 'velahook_attempts_in_flight', 'velahook_records_waiting'];
/** Root may listen at the port that needs not be named. */
const PORT = process.getuid?.() === 0 ? 443 : 8443;

/** What happens at such a platform, by how often. */
const WEIGHTS: Record<string, number> = {
  'inbox.message.received': 9,
  'inbox.message.sent': 7,
  'channels.message.status_changed': 6,
  'inbox.conversation.created': 4,
  'crm.lead.created': 3,
  'crm.lead.stage_changed': 3,
  'crm.deal.won': 2,
  'crm.deal.stage_changed': 2,
  'customer.created': 2,
  'customer.updated': 3,
  'customer.tagged': 2,
  'inbox.conversation.resolved': 3,
  'inbox.conversation.rated': 1,
  'scheduling.appointment.booked': 2,
  'workflow.run.completed': 3,
  'broadcast.completed': 1,
  'auth.session.created': 2,
};

/** The server with a day behind it, at the hour that it is now. */
export interface Day {
  app: TestApp;
  stop(): Promise<void>;
}

/** Lets a day pass: by a clock of the server's own, in about a minute. */
export async function liveThroughADay(): Promise<Day> {
  const clock = new FakeClock(Date.now() - DAY_MS);
  const begin = clock.now();
  const hour = (): number => (clock.now() - begin) / HOUR_MS;
  const dns = await startDnsServer((name, type) =>
    type === 'A' && CUSTOMERS.some(({ host }) => host === name) ? ['127.0.0.1'] : undefined,
  );
  const receiver = await startReceiver({
    port: PORT,
    certificate: await issueCertificate({ names: CUSTOMERS.map(({ host }) => host) }),
  });
  behave(receiver, hour);
  const app = await startTestApp({
    ca: receiver.ca,
    environment: { VELAHOOK_DNS_SERVERS: dns.address, VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN },
    ports: { clock },
  });
  for (const { host, path, description, fields } of CUSTOMERS) {
    const url = `https://${host}${PORT === 443 ? '' : `:${PORT}`}${path}`;
    await app.api.subscribe({ url, description, ...fields });
  }
  for (const [name, scopes] of TOKENS) await makeToken(app, name, scopes);
  await passTheDay(app, clock, begin + DAY_MS);
  // A job among others, done at once.
  const { items } = await app.api.ok<{ items: { _id: string }[] }>(
    'GET',
    '/integrations/webhooks?search=lumen',
  );
  for (const { _id } of items)
    await app.api.ok('POST', `/integrations/webhooks/${_id}/replay`, {
      since: new Date(clock.now() - 2 * HOUR_MS).toISOString(),
      states: ['succeeded'],
    });
  // From here on its time is ours.
  const ticking = setInterval(() => clock.advance(Math.max(0, Date.now() - clock.now())), 100);
  return {
    app,
    async stop() {
      clearInterval(ticking);
      await app.stop();
      await receiver.close();
      await dns.close();
    },
  };
}

const TOKENS: readonly (readonly [name: string, scopes: readonly string[]])[] = [
  ['Shop backend', ['events:write']],
  ['Support tools', ['events:read', 'deliveries:read', 'deliveries:write']],
  ['Provisioning', ['integrations:read', 'integrations:write']],
];

async function makeToken({ app }: TestApp, name: string, scopes: readonly string[]): Promise<void> {
  const admin = new ApiClient({ url: app.url, workspaceId: WORKSPACE_ID, token: ADMIN_TOKEN });
  await admin.ok('POST', '/tokens', { workspaceId: WORKSPACE_ID, name, scopes });
}

function behave(receiver: Receiver, hour: () => number): void {
  receiver.respond(({ headers, path }) => {
    const customer = CUSTOMERS.find((one) => one.path === path && headers.host?.startsWith(one.host));
    return customer?.answer(hour(), Math.random()) ?? { status: 404 };
  });
}

async function passTheDay(app: TestApp, clock: FakeClock, end: number): Promise<void> {
  while (clock.now() < end) {
    const stepEnd = Math.min(end, clock.now() + STEP_MS);
    let left = Math.round(EVENTS_PER_STEP * busyness(clock.now()) * (0.8 + 0.4 * Math.random()));
    while (clock.now() < stepEnd) {
      clock.advance(Math.min(PIECE_MS * (0.5 + Math.random()), stepEnd - clock.now()));
      const now = Math.min(left, Math.ceil(Math.random() * TOGETHER_MAX));
      left -= now;
      await Promise.all(Array.from({ length: now }, () => app.api.publish(...somethingNew())));
      await settled(app);
    }
  }
}

const DRAWN = Object.entries(WEIGHTS).flatMap(([type, weight]) => Array.from({ length: weight }, () => type));
const FIRST_NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Ken', 'Radia', 'Niklaus', 'Frances'];

/** The catalogue's example of a type, about somebody else. */
export function somethingNew(): [type: string, data: Record<string, unknown>] {
  const type = drawn(DRAWN);
  const example = CATALOGUE.find(({ name }) => name === type)?.example;
  if (example == null) throw new Error(`The catalogue has no example of ${type}.`);
  const data = Object.entries(example).map(([key, value]): [string, unknown] => {
    if (key.endsWith('Id') && typeof value === 'string' && /^[0-9a-f]{24}$/.test(value))
      return [key, value.slice(0, 12) + randomBytes(6).toString('hex')];
    if (key === 'amount') return [key, Math.round(10 ** (2.5 + 2 * Math.random()))];
    if (key === 'name')
      return [key, `${drawn(FIRST_NAMES)} ${drawn(['Hopper', 'Liskov', 'Perlman', 'Wirth'])}`];
    return [key, value];
  });
  return [type, Object.fromEntries(data)];
}

function drawn<T>(from: readonly T[]): T {
  const one = from[Math.floor(Math.random() * from.length)];
  if (one === undefined) throw new Error('There is nothing to draw from.');
  return one;
}

/** Nothing is under way any more: until then no time may pass, or every receiver would seem to take minutes. */
async function settled(app: TestApp): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet += 1) {
    const text = await (await fetch(`${app.app.url}/metrics`)).text();
    if (!BUSY.every((name) => text.includes(`\n${name} 0\n`))) quiet = -1;
    await wait(LOOK_AGAIN_MS);
  }
}
