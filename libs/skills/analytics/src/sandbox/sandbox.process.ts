import { watchMemory } from './inside/memory-watch.js';
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
