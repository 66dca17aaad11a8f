import { beforeAll, expect, test } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import { useSharedApp } from '../support/shared-app.ts';

const PATH = '/events/batch';
const COUNT = 1_000;
/** What a parser would change. */
const DATA = (n: number): string => `{"n":${n}, "big":12345678901234567890.10,"n":"twice", "u":"\\u00e9"}`;

interface Result {
  success: boolean;
  event?: { eventId: string; duplicate: boolean; deliveries: number; warnings: string[] };
  error?: { code: string; message: string; details?: { errors: { path: string; message: string }[] } };
}

interface Answer {
  results: Result[];
  accepted: number;
  refused: number;
}

describeOnEachStore('a batch', (make) => {
  const shared = useSharedApp(make);
  let api: ApiClient;

  beforeAll(async () => {
    ({ api } = shared.app);
    await api.subscribe({ url: shared.receiver.url(), events: ['crm.*'] });
  });

  const publish = (events: readonly string[]) =>
    api.call('POST', PATH, `{"events":[${events.join(' ,\n')}]}`);

  test(`of ${COUNT} answers each in its place: good, bad and duplicate; none spoils another`, async () => {
    await api.publish('crm.lead.created', { n: 'before' }, { eventId: 'before' });
    const kinds = [
      (n: number) => `{"eventType":"crm.lead.created","eventId":"b${n}","data":${DATA(n)}}`,
      // Of the one before it.
      (n: number) => ` {"data":${DATA(n - 1)},"eventId":"b${n - 1}","eventType":"crm.lead.created"} `,
      (n: number) => `{"eventType":"crm.lead.created","eventId":"b${n - 2}","data":{"other":${n}}}`,
      (n: number) => `{"eventType":"crm","data":[${n}],"eventId":"a b","more":1}`,
      () => '{"eventType":"crm.lead.created","eventType":"crm.lead.created","data":{}}',
      () => '"crm.lead.created"',
      () => '{"eventType":"crm.lead.created","eventId":"before","data":{"n":"before"}}',
      () => `{"eventType":"crm.lead.created","data":{"x":"${'x'.repeat(262_144)}"}}`,
      (n: number) => `{"eventType":"shop.thing.sold${n}","data":{}}`,
      () => '{"eventType":"crm.lead.craeted","data":{}}',
    ];
    const kindOf = (n: number): number => (n % 100 === 7 ? 7 : n % 10 === 7 ? 0 : n % 10);
    const events = Array.from(
      { length: COUNT },
      (_, n) => kinds[n > 700 && kindOf(n) === 7 ? 0 : kindOf(n)]?.(n) ?? '',
    );
    const answer = await publish(events);
    expect(answer.status).toBe(202);
    const { results, accepted, refused } = answer.body.data as unknown as Answer;
    expect(results).toHaveLength(COUNT);
    const paths = (result?: Result) => result?.error?.details?.errors.map(({ path }) => path);
    for (let n = 0; n < COUNT; n += 10) {
      const [good, again, conflict, wrong, twice, noObject, before, large, unknown, misspelt] =
        results.slice(n);
      expect(good?.event).toMatchObject({ eventId: `b${n}`, duplicate: false, deliveries: 1, warnings: [] });
      expect(again?.event).toMatchObject({ eventId: `b${n}`, duplicate: true, deliveries: 1 });
      expect([conflict?.success, conflict?.error?.code]).toEqual([false, 'CONFLICT']);
      expect(wrong?.error).toMatchObject({ code: 'VALIDATION_ERROR' });
      expect(paths(wrong)?.toSorted()).toEqual(['data', 'eventId', 'eventType', 'more']);
      expect(twice?.error?.code).toBe('BAD_REQUEST');
      expect(paths(noObject)).toEqual(['event']);
      expect(before?.event).toMatchObject({ eventId: 'before', duplicate: true });
      const isLarge = kindOf(n + 7) === 7 && n < 700;
      expect(large?.error?.code ?? large?.event?.eventId).toBe(isLarge ? 'PAYLOAD_TOO_LARGE' : `b${n + 7}`);
      expect(unknown?.event).toMatchObject({ duplicate: false, deliveries: 0 });
      expect(unknown?.event?.warnings).toHaveLength(1);
      expect(misspelt?.error?.code).toBe('VALIDATION_ERROR');
    }
    expect([accepted, refused]).toEqual([
      results.filter(({ event }) => event).length,
      results.filter(({ error }) => error).length,
    ]);
    const stored = results.filter(({ event }) => event?.duplicate === false && event.deliveries === 1);
    const arrived = await shared.receiver.waitFor(stored.length + 1);
    const bodies = new Map(
      arrived.map(({ headers, body }) => [String(headers['webhook-id']), body.toString()]),
    );
    expect(bodies.size).toBe(stored.length + 1);
    for (const { event } of stored)
      expect(bodies.get(event?.eventId ?? '')).toContain(`"data":${DATA(Number(event?.eventId.slice(1)))}}`);
  });

  test('as a whole is refused for what is wrong with the whole, and then nothing of it is stored', async () => {
    const one = '{"eventType":"crm.lead.created","eventId":"never","data":{}}';
    const calls: [number, string][] = [
      [400, `{"events":[${one},]}`],
      [400, `{"events":[${one}],"events":[]}`],
      [400, ''],
      [400, `{"events":[${one}`],
      [422, '[]'],
      [422, '{}'],
      [422, '{"events":{}}'],
      [422, '{"events":[]}'],
      [422, `{"events":[${one}],"more":1}`],
      [422, `{"events":[${Array(1_001).fill(one).join()}]}`],
      [413, `{"events":[${one}${' '.repeat(5 * 1024 * 1024)}]}`],
    ];
    for (const [status, text] of calls) {
      const answer = await api.call('POST', PATH, text);
      expect([text.slice(0, 80), answer.status]).toEqual([text.slice(0, 80), status]);
    }
    const keyed = await api.call('POST', PATH, `{"events":[${one}]}`, { 'idempotency-key': 'k' });
    expect([keyed.status, keyed.body.error?.message]).toEqual([400, expect.stringContaining('eventId')]);
    expect((await api.call('GET', '/events/never')).status).toBe(404);
  });

  test('takes data as deep, and envelopes as wide, as a single publish does', async () => {
    const deep = (levels: number) =>
      `{"eventType":"crm.lead.created","data":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;
    for (const levels of [127, 128]) {
      const single = await api.call('POST', '/events', deep(levels));
      const batch = await publish([deep(levels), '{"eventType":"crm.lead.created","data":{}}']);
      expect([levels, single.status]).toEqual([levels, levels === 127 ? 202 : 400]);
      expect(batch.body.data).toMatchObject({ accepted: levels === 127 ? 2 : 1 });
    }
    const wide = `{"eventType":"crm.lead.created","data":{},${Array.from({ length: 300 }, (_, i) => `"f${i}":1`).join()}}`;
    const answer = await publish([wide, '{"eventType":"crm.lead.created","data":{}}']);
    expect(answer.body.data).toMatchObject({ accepted: 1, refused: 1 });
  });
});
