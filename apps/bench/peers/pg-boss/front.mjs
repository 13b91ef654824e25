import { serve } from '../http/serve.mjs';
import { queueName, startBoss } from './boss.mjs';

const boss = await startBoss();

await serve({
  id: { type: 'string', format: 'uuid' },
  submit: (task) => boss.send(queueName, task),
  statusOf: async (id) => (await boss.getJobById(queueName, id))?.state,
});
