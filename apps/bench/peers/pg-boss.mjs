// pg-boss: `node pg-boss.mjs front|worker`.
import { PgBoss } from 'pg-boss';

const queueName = 'tasks';

// The first process to start creates the tables.
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE) });
boss.on('error', (error) => process.stderr.write(`${error.stack}\n`));
await boss.start();
await boss.createQueue(queueName);

async function front() {
  const { serve } = await import('./http.mjs');
  await serve({
    id: { type: 'string', format: 'uuid' },
    submit: (task) => boss.send(queueName, task),
    statusOf: async (id) => (await boss.getJobById(queueName, id))?.state,
  });
}

async function worker() {
  const options = {
    batchSize: Number(process.env.BATCH_SIZE),
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
  };
  await boss.work(queueName, options, async () => undefined);
  process.stdout.write('ready\n');
}

await { front, worker }[process.argv[2]]();
