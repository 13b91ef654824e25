import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.mjs';

/** Git-ignored; docker compose reads its variables from it. */
export const passwordsFile = join(workspaceRoot, '.env');

const definitionsFile = join(workspaceRoot, 'deploy/rabbitmq/definitions.json');

/** What RabbitMQ must know about its users but their passwords. */
export const definitions = () => JSON.parse(readFileSync(definitionsFile, 'utf8'));

export const variableOf = (user) => `PULSER_AMQP_${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`;

/**
 * Passwords for development, by user: those of the administrator `admin` and of all users in the definitions. Missing
 * ones are made up and kept.
 */
export function passwords() {
  const users = ['admin', ...definitions().permissions.map(({ user }) => user)];
  const text = existsSync(passwordsFile) ? readFileSync(passwordsFile, 'utf8') : '';
  const known = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value.trim()]));
  const missing = users.filter((user) => !known[variableOf(user)]);
  for (const user of missing) known[variableOf(user)] = randomBytes(24).toString('hex');
  const lines = missing.map((user) => `${variableOf(user)}=${known[variableOf(user)]}\n`).join('');
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  if (missing.length > 0) appendFileSync(passwordsFile, end + lines, { mode: 0o600 });
  return Object.fromEntries(users.map((user) => [user, known[variableOf(user)]]));
}
