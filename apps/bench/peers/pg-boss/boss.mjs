import { PgBoss } from 'pg-boss';

export const queueName = 'tasks';

/** @returns pg-boss with the queue in place; the first process to come makes the tables */
export async function startBoss() {
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE) });
  boss.on('error', (error) => process.stderr.write(`${error.stack}\n`));
  await boss.start();
  await boss.createQueue(queueName);
  return boss;
}
