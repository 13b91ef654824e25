import { queryBounds } from './inside/bounds.js';
import type { Answer, Job, Work } from './inside/job/job.js';

// Entry of a sandbox process, loaded by Node directly: npm packages and relative files only.

// Fresh pages come at 1 to 2 GB a second here, so this is about 20 MB too late at worst.
const everyMs = 10;

/**
 * Kills this process once it holds more than the ceiling; call the result to stop watching.
 *
 * DuckDB's memory_limit covers its buffer manager, not the vectors of lists and strings: `unnest(range(1000000000))`
 * took all the memory of a machine, and neither an interrupt nor the end of the connection stops it half-way. DuckDB
 * works in threads of its own, so this timer keeps ticking meanwhile.
 */
const watchMemory = (ceilingBytes: number): (() => void) => {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() > ceilingBytes) process.kill(process.pid, 'SIGKILL');
  }, everyMs);
  return () => {
    clearInterval(timer);
  };
};

const serve = async (job: Job | Work): Promise<Answer> => {
  try {
    // Imported here: a DuckDB that cannot be loaded on this machine is reported as an answer.
    const { answer } = await import('./inside/answer.js');
    return await answer(job);
  } catch (error) {
    return { kind: 'broken', message: String(error), rssBytes: 0 };
  }
};

process.on('message', (job: Job | Work) => {
  const stopWatching = watchMemory((job.bounds ?? queryBounds).memoryBytes);
  void serve(job).then((result) => {
    stopWatching();
    process.send?.(result);
  });
});

// A Ctrl-C reaches the whole process group. The agent waits for its tasks before it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The agent has ended. A running query would delay an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
