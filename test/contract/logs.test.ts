import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';
import { sendRaw, startContractApp } from './running-app.ts';

const CANARY = 'canary0123456789canary0123456789canary012345';

function linesOf(write: (log: ReturnType<typeof createLog>) => void): {
  text: string;
  lines: Record<string, unknown>[];
} {
  const stream = new PassThrough();
  write(createLog('trace', stream));
  const text = String(stream.read() ?? '');
  return {
    text,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('a log line', () => {
  it('is one JSON object, whatever it is told', () => {
    const hostile = 'a\r\nb\u001b[31m\u0000\u2028{"level":"fatal"}\u202e';
    const { text, lines } = linesOf((log) =>
      log.info({ url: hostile, nested: { [hostile]: hostile } }, hostile),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'info', time: expect.stringMatching(/Z$/) as string });
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  });

  it('is bounded, however much it is told', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const { text, lines } = linesOf((log) => {
      log.info(
        { long: 'x'.repeat(1_000_000), many: Array(10_000).fill('y'), bytes: Buffer.alloc(1_000_000) },
        'z'.repeat(1_000_000),
      );
      log.info(circular, 'circular');
    });
    expect(lines).toHaveLength(2);
    expect(text.length).toBeLessThan(20_000);
  });

  it('has no secret, wherever it stands', () => {
    const { text } = linesOf((log) => {
      const secrets = {
        secret: CANARY,
        token: CANARY,
        authorization: `Bearer ${CANARY}`,
        Authorization: CANARY,
      };
      log.info({ ...secrets, headers: { ...secrets, 'x-api-key': `sk_live_${CANARY}` } }, 'told');
      log.error(
        { err: new Error(`refused sk_test_${CANARY}`, { cause: new Error(`whsec_${CANARY}`) }) },
        'failed',
      );
      log.info(`sent with whsec_${CANARY}`);
    });
    expect(text).not.toContain(CANARY);
  });

  it('of an error tells its name, message, code and cause', () => {
    const cause = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    const { lines } = linesOf((log) => log.error({ err: new TypeError('cannot', { cause }) }, 'oops'));
    expect(lines[0]?.['err']).toMatchObject({
      name: 'TypeError',
      message: 'cannot',
      stack: expect.stringContaining('TypeError: cannot') as string,
      cause: { message: 'disk full', code: 'ENOSPC' },
    });
  });
});

describe('a running server', () => {
  it('logs, answers, measures and stores no token or secret in clear, and logs no body', async () => {
    const running = await startContractApp();
    const { api, port } = running;
    const answers: string[] = [];
    const call = async (...args: Parameters<typeof api.call>) => answers.push((await api.call(...args)).text);
    const fields = { url: `https://receiver.velahook-example.com/?q=${CANARY}url`, events: ['*'] };
    const { _id, ...created } = await api.subscribe({ ...fields, secret: `${CANARY}secret` });
    answers.push(JSON.stringify(created));
    await call('GET', `/integrations/webhooks/${_id}`);
    await call('PATCH', `/integrations/webhooks/${_id}`, { secret: `${CANARY}secret2` });
    await call('POST', '/integrations/webhooks', { ...fields, secret: `${CANARY}secret3\u00e9`, nope: 1 });
    await call('POST', `/integrations/webhooks/${_id}/test`, { data: { text: `${CANARY}data` } });
    await call('POST', '/events', { eventType: 'customer.created', data: { text: `${CANARY}data` } });
    await call('POST', '/events', `{"eventType":"${CANARY}`);
    await call('GET', `/events?access_token=${CANARY}query`);
    await call('GET', '/events', undefined, { authorization: `Bearer sk_live_${CANARY}` });
    await sendRaw(port, `GET /${CANARY} HTTP/9\r\nAuthorization: Bearer sk_live_${CANARY}\r\n\r\n`);
    const metrics = await (await fetch(`${running.app.url}/metrics`)).text();
    const stored = await running.stored();
    await running.stop();
    const logged = running.logged();
    // The body is there in clear, to be delivered; whatever signs or opens is not.
    expect(stored.some((each) => each.includes(`${CANARY}data`))).toBe(true);
    for (const hidden of [`${CANARY}secret`, api.access.token, api.access.token.slice('sk_live_'.length)]) {
      expect(stored.some((each) => each.includes(hidden))).toBe(false);
    }
    expect(logged).not.toContain(CANARY);
    expect(logged).not.toContain(api.access.token);
    expect(metrics).not.toContain(CANARY);
    expect(answers.join('\n')).not.toMatch(new RegExp(`${CANARY}secret|sk_live_[0-9A-Za-z]`));
    for (const line of logged.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
