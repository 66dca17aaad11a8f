import type { Inspection, ServerFacts, ServerInspection, Work } from '../inspection.ts';
import type { AppliedMigration } from '../migration.ts';
import { Database, statement } from './database.ts';
import { deliveryHistory } from './delivery-history.ts';
import { GroupCommit } from './group-commit.ts';
import { MIGRATIONS } from './migrate.ts';
import { probeCall } from './probe.ts';
import { listSealings } from './sealings.ts';

const hasSchema = statement(`SELECT to_regclass('velahook.schema_migrations') IS NOT NULL AS "isThere"`);
const listApplied = statement(`
SELECT version, name, compatible_from AS "compatibleFrom" FROM velahook.schema_migrations ORDER BY version`);

// By primary key, backwards: the newest first, and no further than what is asked for where most are active.
const listUrls = statement(`
SELECT url FROM velahook.subscriptions WHERE status = 'active' AND deleted_at IS NULL ORDER BY id DESC LIMIT $1`);

// Two seeks in `pending_of_lane` for each lane, whatever its backlog.
const findOldest = statement(`
SELECT min(p.due_at) FILTER (WHERE h.subscription_id IS NULL) AS "oldestDueAt",
       min(p.due_at) FILTER (WHERE h.subscription_id IS NOT NULL) AS "oldestDueToFailingAt"
FROM velahook.lanes l
JOIN velahook.subscriptions s ON s.id = l.subscription_id
LEFT JOIN velahook.subscription_health h ON h.subscription_id = s.id
CROSS JOIN unnest('{false,true}'::boolean[]) AS kind (retrying)
CROSS JOIN LATERAL (
  SELECT d.due_at FROM velahook.pending_deliveries d
  WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
  ORDER BY d.due_at, d.seq LIMIT 1) AS p
WHERE p.due_at <= $1`);

const countFailing = statement(`
SELECT count(*) AS failing, min(failing_since) AS "failingSince" FROM velahook.subscription_health`);

const countNodes = statement(`
SELECT count(*) FILTER (WHERE NOT retired AND lease_until > clock_timestamp()) AS "nodesLive",
       count(*) FILTER (WHERE retired OR lease_until <= clock_timestamp()) AS "nodesDead" FROM velahook.nodes`);

const readFacts = statement(`
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS "versionNumber",
       current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS "isStandby",
       current_setting('fsync') = 'on' AS fsync,
       current_setting('full_page_writes') = 'on' AS "fullPageWrites",
       current_setting('synchronous_commit') AS "synchronousCommit",
       current_setting('synchronous_standby_names') AS "synchronousStandbys",
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS "connectionsMax",
       pg_database_size(current_database()) AS "databaseBytes"`);

const readTime = statement('SELECT extract(epoch FROM clock_timestamp()) * 1000::float8 AS at');

/** Looks into the database that the URL names. Nothing is connected before it is asked for. */
export function inspectDatabase(url: string): Inspection {
  const database = new Database(url, 'velahook doctor');
  const { measureBacklog } = deliveryHistory(database);
  return {
    known: MIGRATIONS,
    async readApplied() {
      const [schema] = await database.rows<{ isThere: boolean }>(hasSchema);
      return schema?.isThere === true ? database.rows<AppliedMigration>(listApplied) : undefined;
    },
    listSealings: (headBytes) => listSealings(database, headBytes),
    async listReceivers(limit) {
      return (await database.rows<{ url: string }>(listUrls, [limit])).map(({ url }) => url);
    },
    async measureWork(now) {
      const { pending } = await measureBacklog(now);
      const parts = [
        await database.rows<Partial<Work>>(findOldest, [Math.round(now)]),
        await database.rows<Partial<Work>>(countFailing),
        await database.rows<Partial<Work>>(countNodes),
      ];
      return Object.assign({ pending }, ...parts.flat()) as Work;
    },
    file: null,
    server: inspectServer(database),
    close: () => database.close(),
  };
}

function inspectServer(database: Database): ServerInspection {
  return {
    async readServer() {
      const [facts] = await database.rows<ServerFacts>(readFacts);
      if (facts === undefined) throw new Error('A row of constants is always there.');
      return facts;
    },
    async readClock() {
      const [row] = await database.rows<{ at: number | string }>(readTime);
      return Number(row?.at);
    },
    async probe() {
      const writes = new GroupCommit(database, () => undefined);
      try {
        await probeCall({ writes })(0);
      } finally {
        await writes.close();
      }
    },
  };
}
