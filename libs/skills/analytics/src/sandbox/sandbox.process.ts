import type { Answer, Job } from './job.js';

const serve = async (job: Job): Promise<Answer> => {
  try {
    // Not at the top: a DuckDB that cannot be loaded on this machine is a reply too.
    const { answer } = await import('./inside/answer.js');
    return await answer(job);
  } catch (error) {
    return { kind: 'broken', message: String(error), rssBytes: 0 };
  }
};

process.on('message', (job: Job) => {
  const stopWatching = watchMemory();
  void serve(job).then((result) => {
    stopWatching();
    process.send?.(result);
  });
});

// A Ctrl-C reaches the whole group of processes. The agent lets its tasks end before it goes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The agent is gone. A running query would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

/** Resident memory at which a sandbox ends itself, in bytes. An idle one has about 100 MB. */
export const memoryCeiling = 512 * 1_048_576;

// Fresh pages come at 1 to 2 GB a second here, so this is about 20 MB too late at worst.
const everyMs = 10;

/**
 * Kills this process once it holds more than the ceiling; call the result to stop watching.
 *
 * DuckDB's memory_limit covers its buffer manager, not the vectors of lists and strings: `unnest(range(1000000000))`
 * took all the memory of a machine, and neither an interrupt nor the end of the connection stops it half-way. DuckDB
 * works in threads of its own, so this timer keeps ticking meanwhile.
 */
export const watchMemory = (): (() => void) => {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() > memoryCeiling) process.kill(process.pid, 'SIGKILL');
  }, everyMs);
  return () => {
    clearInterval(timer);
  };
};
