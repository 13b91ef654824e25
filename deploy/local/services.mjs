import { parseArgs } from 'node:util';
import { say } from './progress.mjs';
import { toExports } from './services/answers.mjs';
import { secretsFile, secretsKey } from './services/kept-secrets.mjs';
import { passwords } from './services/rabbitmq.mjs';
import { usualPlaces, writeSecretFiles } from './services/secret-files.mjs';
import { control, currentAddresses, down, requestOf, up } from './services/lifecycle.mjs';
import { ServicesUnavailable } from './services/debian.mjs';

const usage = `PostgreSQL with pgvector and RabbitMQ for tests and development.
usage: node deploy/local/services.mjs up | down | env   [--suite forky|trixie] [--instance NAME] [--on-disk]
                                      passwords
                                      secrets FOLDER [--database URL] [--broker URL]
                                      broker start | stop | kill | wipe | ctl <rabbitmqctl arguments>
                                      postgres start | stop | kill | fill | free`;

const verbs = {
  up: async (request) => process.stdout.write(toExports(await up(request))),
  env: async (request) => process.stdout.write(toExports(await currentAddresses(request))),
  down,
  passwords: () => {
    passwords();
    secretsKey();
    say(`the passwords of the broker's users and the key of tenants' secrets are in ${secretsFile}`);
  },
  secrets: (request, [folder], { database, broker }) => {
    if (folder === undefined) throw new Error(usage);
    writeSecretFiles(folder, { database, broker });
    say(`the secrets of a deployed system are in ${folder}: keep a copy of pulser-keys/secrets-key elsewhere`);
  },
  broker: (request, command) => control('broker', request, command),
  postgres: (request, command) => control('postgres', request, command),
};

async function main() {
  const options = {
    suite: { type: 'string' },
    instance: { type: 'string' },
    'on-disk': { type: 'boolean' },
    database: { type: 'string', default: usualPlaces.database },
    broker: { type: 'string', default: usualPlaces.broker },
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [verb, ...command] = positionals;
  if (!Object.hasOwn(verbs, verb ?? '')) throw new Error(usage);
  await verbs[verb](requestOf(values), command, values);
}

// Exiting, instead of dying of the signal, lets the lock be released.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

main().catch((error) => {
  say(error.message);
  process.exitCode = error instanceof ServicesUnavailable ? 3 : 1;
});
