import { run } from 'graphile-worker';

const concurrentJobs = Number(process.env.CONCURRENCY);

// What a user of it does who wants to know later that a task is finished: the row of a finished job is deleted.
const insertFinished = 'insert into finished_task (job_id) values ($1) on conflict do nothing';

const runner = await run({
  preset: {
    worker: {
      connectionString: process.env.DATABASE_URL,
      concurrentJobs,
      maxPoolSize: concurrentJobs + 2,
      localQueue: { size: Number(process.env.BATCH_SIZE) },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
  taskList: {
    task: async (_payload, { job, query }) => {
      await query({ name: 'finished', text: insertFinished, values: [job.id] });
    },
  },
});

process.stdout.write('ready\n');
await runner.promise;
