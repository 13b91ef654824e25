import { queueName, startBoss } from './boss.mjs';

const boss = await startBoss();
const options = {
  batchSize: Number(process.env.BATCH_SIZE),
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
};

await boss.work(queueName, options, async () => undefined);
process.stdout.write('ready\n');
