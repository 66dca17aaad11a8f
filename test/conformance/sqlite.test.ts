import { openTemporarySqlite } from '../support/temporary-sqlite.ts';
import { describeStore } from './store-suite.ts';

describeStore('the embedded store', openTemporarySqlite);
