import { parseArgs } from 'node:util';
import { say } from './progress.mjs';
import { toExports } from './services/addresses.mjs';
import { control } from './services/control.mjs';
import { currentAddresses } from './services/current-addresses.mjs';
import { down } from './services/down.mjs';
import { requestOf } from './services/request.mjs';
import { ServicesUnavailable } from './services/services-unavailable.mjs';
import { up } from './services/up.mjs';

const usage = `PostgreSQL with pgvector and RabbitMQ for tests and development.
usage: node deploy/local/services.mjs up | down | env   [--suite forky|trixie]
                                      broker start | stop | kill | wipe
                                      postgres start | stop | kill`;

const verbs = {
  up: async (request) => process.stdout.write(toExports(await up(request))),
  env: async (request) => process.stdout.write(toExports(await currentAddresses(request))),
  down,
  broker: (request, action) => control('broker', action, request),
  postgres: (request, action) => control('postgres', action, request),
};

async function main() {
  const { values, positionals } = parseArgs({ options: { suite: { type: 'string' } }, allowPositionals: true });
  const [verb, action] = positionals;
  if (!Object.hasOwn(verbs, verb ?? '')) throw new Error(usage);
  await verbs[verb](requestOf(values), action);
}

// Exiting, instead of dying of the signal, lets the lock be released.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

main().catch((error) => {
  say(error.message);
  process.exitCode = error instanceof ServicesUnavailable ? 3 : 1;
});
