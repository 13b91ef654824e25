import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { admitUsers, buildServices, developmentKey, migrate, urlFor, urlOf } from './dev-environment.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { requestOf, up } from './services/lifecycle.mjs';
import { workspaceRoot } from './workspace.mjs';

function start({ name, main, login, brokerUser, port }, { databaseUrl, amqpUrl, basePort }) {
  const child = spawn(pinnedNode(), [join(workspaceRoot, main)], {
    cwd: workspaceRoot,
    // A group of its own: Ctrl-C reaches it once, through this process.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOST: '127.0.0.1',
      LOG_PRETTY: String(process.stdout.isTTY === true),
      ...process.env,
      PORT: String(basePort + port),
      DATABASE_URL: urlFor(login, databaseUrl),
      AMQP_URL: urlOf(brokerUser, amqpUrl),
    },
  });
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => process.stdout.write(`${name.padEnd(8)} ${line}\n`));
  return child;
}

/** Runs every service in a process of its own until one ends or a signal comes. Resolves with an exit code. */
async function runServices(services, addresses) {
  const children = services.map((service) => start(service, addresses));
  const stopAll = () => children.forEach((child) => child.kill('SIGTERM'));
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      asked = true;
      stopAll();
    });
  const exits = children.map((child) => once(child, 'exit'));
  const first = await Promise.race(exits.map((exit, index) => exit.then(([code]) => ({ code, ...services[index] }))));
  if (!asked) say(`${first.name} ended with code ${first.code}: stopping the others`);
  stopAll();
  const codes = (await Promise.all(exits)).map(([code]) => code ?? 1);
  return asked && codes.every((code) => code === 0) ? 0 : 1;
}

// What `npm run dev` runs: builds, migrates, and starts every service apart on real servers: those that DATABASE_URL
// (of an administrator), AMQP_URL and AMQP_MANAGEMENT_URL (of another one) name, or the ones of services.mjs.
async function dev() {
  const services = await buildServices();
  const { databaseUrl, amqpUrl, amqpManagementUrl } = await up(requestOf({}));
  await admitUsers(amqpManagementUrl, amqpUrl);
  say(await migrate(databaseUrl));
  const basePort = Number(process.env.PORT ?? 8000);
  const key = await developmentKey(databaseUrl);
  say(`Gateway on http://127.0.0.1:${basePort}, docs at /docs, API key of the tenant "dev": ${key}`);
  say(`RabbitMQ for producers: ${urlOf('producer', amqpUrl)}`);
  return runServices(services, { databaseUrl, amqpUrl, basePort });
}

try {
  process.exitCode = await dev();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
