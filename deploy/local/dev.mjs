import { admitUsers, buildServices, developmentKey, installationKey, migrate, urlOf } from './dev-environment.mjs';
import { buildDashboard } from './dashboard.mjs';
import { askGateway, Processes, ScaledAgent } from './dev-processes.mjs';
import { say } from './progress.mjs';
import { requestOf, up } from './services/lifecycle.mjs';
import { boundsIn } from './worker-count.policy.mjs';

const isAgent = ({ brokerUser }) => brokerUser.startsWith('worker-');

/** Runs every service until one ends or a signal comes. Resolves with an exit code. */
async function runServices(services, { bounds, desiredWorkers, ...addresses }) {
  const processes = new Processes(addresses);
  const stopping = new AbortController();
  const asked = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, resolve);
  });
  for (const service of services) processes.start(service);
  const scaled = services
    .filter(isAgent)
    .map((service) => new ScaledAgent(service, { processes, bounds, desiredWorkers }).follow(stopping.signal));
  const first = await Promise.race([asked.then(() => undefined), processes.firstEnd()]);
  if (first !== undefined) say(`${first.label} ended with code ${first.code}: stopping the others`);
  stopping.abort();
  await Promise.all(scaled);
  const codes = await processes.stop();
  return first === undefined && codes.every((code) => code === 0) ? 0 : 1;
}

// What `npm run dev` runs: builds, migrates, and starts every service apart on real servers: those that DATABASE_URL
// (of an administrator), AMQP_URL and AMQP_MANAGEMENT_URL (of another one) name, or the ones of services.mjs.
async function dev() {
  const bounds = boundsIn(process.env.DEV_WORKERS);
  const services = await buildServices();
  if ((await buildDashboard()) !== 0) throw new Error('the page was not built');
  const { databaseUrl, amqpUrl, amqpManagementUrl } = await up(requestOf({}));
  await admitUsers(amqpManagementUrl, amqpUrl);
  say(await migrate(databaseUrl));
  const basePort = Number(process.env.PORT ?? 8000);
  const url = `http://127.0.0.1:${basePort}`;
  const key = await developmentKey(databaseUrl);
  say(`Gateway on ${url}, the page at /ui, docs at /docs, API key of the tenant "dev": ${key}`);
  say(`RabbitMQ for producers: ${urlOf('producer', amqpUrl)}`);
  say(`Workers of each agent: ${bounds.min} to ${bounds.max}, as their tasks need (DEV_WORKERS)`);
  const desiredWorkers = askGateway(url, await installationKey(databaseUrl));
  return runServices(services, { databaseUrl, amqpUrl, basePort, bounds, desiredWorkers });
}

try {
  process.exitCode = await dev();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
