import process from 'node:process';
import type { DispatchOptions } from '../../src/engine/dispatch/local-dispatcher.ts';
import { createDispatcher } from '../../src/engine/dispatch/worker-dispatcher.ts';
import { awaitable } from './attempts.ts';

// A process of its own that makes one attempt and prints its result: for what concerns a whole process, such as
// its environment and its death. Arguments: the dispatcher's options as JSON, the URL.
const [options = '', url = ''] = process.argv.slice(2);
const onDeath = (error: Error) => {
  throw error;
};
const attempts = awaitable(createDispatcher({ ...(JSON.parse(options) as DispatchOptions), onDeath }));
process.stdout.write(JSON.stringify(await attempts.result({ url })));
await attempts.close();
