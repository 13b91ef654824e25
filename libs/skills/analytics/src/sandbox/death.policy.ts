import { TaskError } from '@pulser/contracts';

import { tooMuchMemory } from './job.js';

const crashes = new Set<NodeJS.Signals>(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGTRAP']);

/** What the end of a sandbox says of the job it was working on. */
export const deathOf = (code: number | null, signal: NodeJS.Signals | null): Error => {
  // Its own watch or the kernel: nobody else kills it while it works.
  if (signal === 'SIGKILL') return new TaskError('resource_limit', tooMuchMemory('The query'));
  // The process does nothing but the query, so another attempt would crash it too.
  if (signal !== null && crashes.has(signal)) {
    return new TaskError('query_failed', `The query makes DuckDB crash (${signal})`);
  }
  return new Error(`The query process ended with ${signal ?? code}`);
};
