/**
 * What someone would build without Velahook: an HTTP call that puts an event on a durable queue before it answers 202,
 * and a worker that signs it, POSTs it with undici and records what came of it. One of three queues, by the first
 * argument; each set up for throughput as its own documentation says.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import Fastify from 'fastify';
import { Pool as HttpPool } from 'undici';
import { Pool } from 'pg';

const CONCURRENCY = 64;
const [kind, url, receiver, caFile] = process.argv.slice(2);

const http = new HttpPool(new URL(receiver).origin, {
  connections: CONCURRENCY,
  pipelining: 1,
  allowH2: false,
  connect: { ca: readFileSync(caFile, 'utf8') },
});

async function attempt(event) {
  const body = JSON.stringify(event);
  const signature = createHmac('sha256', 'a-secret-of-sixteen').update(body).digest('hex');
  const answer = await http.request({
    path: `${new URL(receiver).pathname}${event.eventType}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-signature': `sha256=${signature}` },
    body,
    headersTimeout: 10_000,
  });
  await answer.body.dump();
  return answer.statusCode;
}

/** Each answers `publish`, once durable, and has its worker call `attempt`. */
const queues = { 'pg-boss': pgBoss, 'graphile-worker': graphileWorker, bullmq };
const { publish, stop } = await queues[kind]();

const app = Fastify();
app.post('/api/v1/events', async (request, reply) => {
  const event = { eventId: `evt_${randomUUID()}`, timestamp: new Date().toISOString(), ...request.body };
  await publish(event);
  return reply.code(202).send({ success: true, data: { event: { eventId: event.eventId } } });
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send({ url: `http://127.0.0.1:${app.server.address().port}` });
process.once('disconnect', async () => {
  await app.close();
  await stop();
  process.exit(0);
});

/** Where the PostgreSQL queues record attempts; BullMQ keeps what the job returned. */
async function outcomes() {
  const pool = new Pool({ connectionString: url, max: 20 });
  await pool.query(
    'CREATE TABLE IF NOT EXISTS outcomes (event_id text, status integer, at timestamptz DEFAULT now())',
  );
  return async (event, status) => {
    await pool.query({
      name: 'record',
      text: 'INSERT INTO outcomes (event_id, status) VALUES ($1, $2)',
      values: [event.eventId, status],
    });
  };
}

async function pgBoss() {
  const { PgBoss } = await import('pg-boss');
  const record = await outcomes();
  const boss = new PgBoss({ connectionString: url, max: 20 });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue('deliveries', { retryLimit: 11, retryBackoff: true });
  await boss.work(
    'deliveries',
    { batchSize: CONCURRENCY, localConcurrency: 4, pollingIntervalSeconds: 0.5 },
    async (jobs) => {
      await Promise.all(
        jobs.map(async ({ data }) => {
          await record(data, await attempt(data));
        }),
      );
    },
  );
  return { publish: (event) => boss.send('deliveries', event), stop: () => boss.stop() };
}

async function graphileWorker() {
  const { run, makeWorkerUtils } = await import('graphile-worker');
  const record = await outcomes();
  const utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: 20 });
  await utils.migrate();
  const runner = await run({
    connectionString: url,
    maxPoolSize: 20,
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    preset: {
      worker: { localQueue: { size: 4 * CONCURRENCY }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
    taskList: {
      deliver: async (event) => {
        await record(event, await attempt(event));
      },
    },
  });
  return {
    publish: (event) => utils.addJob('deliver', event, { maxAttempts: 12 }),
    stop: async () => {
      await runner.stop();
      await utils.release();
    },
  };
}

async function bullmq() {
  const { Queue, Worker } = await import('bullmq');
  const { Redis } = await import('ioredis');
  const queue = new Queue('deliveries', { connection: new Redis(url) });
  const worker = new Worker('deliveries', async ({ data }) => attempt(data), {
    connection: new Redis(url, { maxRetriesPerRequest: null }),
    concurrency: CONCURRENCY,
  });
  const options = { attempts: 12, backoff: { type: 'exponential', delay: 1_000 } };
  return {
    publish: (event) => queue.add('deliver', event, options),
    stop: async () => {
      await worker.close();
      await queue.close();
    },
  };
}
