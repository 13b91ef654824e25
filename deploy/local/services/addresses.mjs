import { say } from '../progress.mjs';
import { brokerAnswers } from './broker-answers.mjs';
import { postgresAnswers } from './postgres-answers.mjs';

/** Lines for a shell: `eval "$(node deploy/local/services.mjs env)"`. */
export const toExports = (addresses) =>
  Object.entries(toEnvironment(addresses))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');

export const toEnvironment = ({ databaseUrl, amqpUrl, amqpManagementUrl }) => ({
  DATABASE_URL: databaseUrl,
  AMQP_URL: amqpUrl,
  AMQP_MANAGEMENT_URL: amqpManagementUrl,
});

/** The environment variables that `toExports` wrote, for a program that starts other programs. */
export const fromExports = (text) =>
  Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, unquoted(value)]));

const quoted = (value) => (/^[\w:/@.%?=-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
const unquoted = (value) => (value.startsWith("'") ? value.slice(1, -1).replaceAll(`'\\''`, "'") : value);

/** Whether both servers answer; says which one does not. */
export async function bothAnswer({ databaseUrl, amqpUrl }) {
  const [database, broker] = await Promise.all([postgresAnswers(databaseUrl), brokerAnswers(amqpUrl)]);
  if (!database) say(`PostgreSQL does not answer at ${new URL(databaseUrl).host}`);
  if (!broker) say(`RabbitMQ does not answer at ${new URL(amqpUrl).host}`);
  return database && broker;
}
