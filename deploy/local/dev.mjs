// What `npm run dev` runs: builds, migrates, and starts every service apart on real servers: those that DATABASE_URL
// (of an administrator), AMQP_URL and AMQP_MANAGEMENT_URL (of another one) name, or the ones of services.mjs.
import { admitUsers, urlOf } from './dev/broker-users.mjs';
import { migrate, developmentKey } from './dev/prepare.mjs';
import { runServices } from './dev/run-services.mjs';
import { projects } from './dev/services.mjs';
import { say } from './progress.mjs';
import { requestOf } from './services/request.mjs';
import { up } from './services/up.mjs';
import { build } from './build.mjs';

async function dev() {
  const failed = await build('Building what changed', projects);
  if (failed) return failed;
  const { databaseUrl, amqpUrl, amqpManagementUrl } = await up(requestOf({}));
  await admitUsers(amqpManagementUrl, amqpUrl);
  say(await migrate(databaseUrl));
  const basePort = Number(process.env.PORT ?? 8000);
  const key = await developmentKey(databaseUrl);
  say(`Gateway on http://127.0.0.1:${basePort}, docs at /docs, API key of the tenant "dev": ${key}`);
  say(`RabbitMQ for producers: ${urlOf('producer', amqpUrl)}`);
  return runServices({ databaseUrl, amqpUrl, basePort });
}

try {
  process.exitCode = await dev();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
