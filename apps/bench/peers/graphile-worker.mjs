// graphile-worker: `node graphile-worker.mjs front|worker`.
import { makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';

const connectionString = process.env.DATABASE_URL;

// It deletes a job that ended well, so the task itself writes a row by which users learn later that it has ended.
const createFinished = 'create table if not exists finished_task (job_id bigint primary key)';
const insertFinished = 'insert into finished_task (job_id) values ($1) on conflict do nothing';
const statusById = `
  select 'completed' as status from finished_task where job_id = $1
  union all
  select case when attempts >= max_attempts then 'failed' else 'queued' end from graphile_worker.jobs where id = $1
  limit 1`;

async function front() {
  const { serve } = await import('./http.mjs');
  const pool = new pg.Pool({ connectionString, max: Number(process.env.POOL_SIZE) });
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  await pool.query(createFinished);
  await serve({
    id: { type: 'string', pattern: '^[0-9]{1,18}$' },
    submit: async (task) => (await utils.addJob('task', task)).id,
    statusOf: async (id) => (await pool.query({ name: 'status', text: statusById, values: [id] })).rows[0]?.status,
  });
}

async function worker() {
  const concurrentJobs = Number(process.env.CONCURRENCY);
  const runner = await run({
    preset: {
      worker: {
        connectionString,
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
}

await { front, worker }[process.argv[2]]();
