/**
 * Migrates the file with one migration more, whose SQL may call `end_here()`: the process is killed in the middle.
 * `node migration-child.ts FILE SQL`.
 */
import process from 'node:process';
import { openWriter } from '../../src/store/sqlite/database.ts';
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrate.ts';

const [path = '', sql = ''] = process.argv.slice(2);
const db = openWriter(path);
db.function('end_here', () => {
  process.kill(process.pid, 'SIGKILL');
  return null;
});
migrate(db, 0, [...MIGRATIONS, { version: MIGRATIONS.length + 1, name: 'cats', sql }]);
