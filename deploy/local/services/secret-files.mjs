// The secrets of a deployed system as files: a folder for each Secret of Kubernetes, a file for each of its keys. Compose
// mounts the same files.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { definitions } from './rabbitmq.mjs';

const newPassword = () => randomBytes(24).toString('hex');

/** Where services reach PostgreSQL and RabbitMQ; by default those of deploy/compose/production.yml. */
export const usualPlaces = { database: 'postgresql://postgres:5432/pulser', broker: 'amqp://rabbitmq:5672' };

const withLogin = (address, username, password) => Object.assign(new URL(address), { username, password }).href;

const brokerUsers = ['admin', ...definitions().permissions.map(({ user }) => user)];

/** Passwords by broker user, those of before among them. @param before text of 1-users.json, or undefined */
const passwordsOf = (before) => {
  const known = JSON.parse(before ?? '{"users":[]}').users;
  const kept = Object.fromEntries(known.map(({ name, password }) => [name, password]));
  return Object.fromEntries(brokerUsers.map((user) => [user, kept[user] ?? newPassword()]));
};

const usersFile = (passwords) => {
  const users = brokerUsers.map((name) => ({
    name,
    password: passwords[name],
    tags: name === 'admin' ? ['administrator'] : [],
  }));
  const permissions = [{ user: 'admin', vhost: '/', configure: '.*', write: '.*', read: '.*' }];
  return JSON.stringify({ vhosts: [{ name: '/' }], users, permissions });
};

/**
 * All files by their path, with passwords and keys as they were; addresses are those that are given now.
 * @param before the text of a file by its path, or undefined
 */
export function secretFiles(before, { database, broker } = usualPlaces) {
  const kept = (path, make = newPassword) => before(path) ?? make();
  const logins = { admin: 'postgres', app: 'pulser_app', service: 'pulser_service', mcp: 'pulser_mcp' };
  const passwords = passwordsOf(before('pulser-broker-users/1-users.json'));
  const files = {};
  for (const [name, login] of Object.entries(logins)) {
    const password = kept(`pulser-database/${name}-password`);
    files[`pulser-database/${name}-password`] = password;
    files[`pulser-database/${name}`] = withLogin(database, login, password);
  }
  // As CloudNativePG takes the login of the administrator.
  files['pulser-database-superuser/username'] = logins.admin;
  files['pulser-database-superuser/password'] = files['pulser-database/admin-password'];
  for (const user of brokerUsers.slice(1)) files[`pulser-broker/${user}`] = withLogin(broker, user, passwords[user]);
  files['pulser-broker-users/1-users.json'] = usersFile(passwords);
  files['pulser-keys/secrets-key'] = kept('pulser-keys/secrets-key', () => randomBytes(32).toString('base64'));
  files['pulser-keys/metrics-token'] = kept('pulser-keys/metrics-token');
  files['pulser-grafana/password'] = kept('pulser-grafana/password');
  return files;
}

/** Writes them into a folder that only its owner enters; in it containers of other users may read what they get mounted. */
export function writeSecretFiles(folder, places) {
  const before = (path) => {
    const file = join(folder, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const files = secretFiles(before, places);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (before(path) !== text) writeFileSync(join(folder, path), text, { mode: 0o644 });
  }
}
