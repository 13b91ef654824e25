import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { serve } from '../http/serve.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE) });
const worker = await makeWorkerUtils({ pgPool: pool });

// It forgets a job that ended well, so the task itself records that it has.
const statusById = `
  select 'completed' as status from finished_task where job_id = $1
  union all
  select case when attempts >= max_attempts then 'failed' else 'queued' end from graphile_worker.jobs where id = $1
  limit 1`;

await worker.migrate();
await pool.query('create table if not exists finished_task (job_id bigint primary key)');
await serve({
  id: { type: 'string', pattern: '^[0-9]{1,18}$' },
  submit: async (task) => (await worker.addJob('task', task)).id,
  statusOf: async (id) => (await pool.query({ name: 'status', text: statusById, values: [id] })).rows[0]?.status,
});
