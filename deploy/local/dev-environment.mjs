import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { runCommand } from './run-command.mjs';
import { definitions, passwords } from './services/rabbitmq.mjs';
import { stateFolder, workspaceRoot } from './workspace.mjs';

const roster = 'libs/roster';

/** The services that run apart, as the roster lists them; `port` is the offset of their port from the gateway's. */
export const servicesOf = ({ startable, services, agents }) =>
  startable.map(({ name, port, folder, memoryMb }) => ({
    name,
    folder,
    main: `${folder}/dist/main.js`,
    // Only the gateway acts for tenants.
    login: name === 'gateway' ? 'pulser_app' : 'pulser_service',
    brokerUser: agents.some((agent) => agent.name === name) ? `worker-${name}` : name,
    port: port - services[0].port,
    memoryMb,
  }));

/** Compiles the services and Pulser's command line, and resolves with the services. The roster, which names them, comes first. */
export async function buildServices() {
  await compile('Building the list of services', [roster]);
  const services = servicesOf(await import(pathToFileURL(join(workspaceRoot, roster, 'dist/index.js')).href));
  await compile('Building what changed', [...services.map(({ folder }) => folder), 'apps/cli']);
  return services;
}

async function compile(what, projects) {
  if ((await build(what, projects)) !== 0) throw new Error('the build failed');
}

/** The administrator's URL with a service's login in it; in development the logins have the administrator's password. */
export function urlFor(login, administratorUrl) {
  const url = new URL(administratorUrl);
  url.username = login;
  return url.href;
}

/** Gives the broker the users, exchanges and permissions that the services need, in the virtual host of the URL. */
export async function admitUsers(managementUrl, amqpUrl) {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${origin}/api/definitions`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(definitionsFor(virtualHostOf(amqpUrl))),
  }).catch((error) => ({ ok: false, status: error.cause?.code ?? error.message }));
  if (response.ok) return;
  throw new Error(
    `RabbitMQ took no users at ${origin} (${response.status}): AMQP_MANAGEMENT_URL is its management plugin with an administrator`,
  );
}

/** The URL of a service, or of a producer, with its own credentials. */
export function urlOf(user, amqpUrl) {
  const url = new URL(amqpUrl);
  return Object.assign(url, { username: user, password: passwords()[user] }).href;
}

const virtualHostOf = (amqpUrl) => decodeURIComponent(new URL(amqpUrl).pathname.slice(1)) || '/';

function definitionsFor(vhost) {
  const { exchanges, permissions, topic_permissions: topicPermissions } = definitions();
  const secrets = passwords();
  const here = (of) => of.map((one) => ({ ...one, vhost }));
  return {
    users: permissions.map(({ user }) => ({ name: user, password: secrets[user], tags: [] })),
    exchanges: here(exchanges),
    permissions: here(permissions),
    topic_permissions: here(topicPermissions),
  };
}

/** Runs a command of Pulser's own command line as the administrator and resolves with what it printed. */
async function cli(args, environment) {
  const main = join(workspaceRoot, 'apps/cli/dist/main.js');
  const { code, stdout, stderr } = await runCommand(pinnedNode(), [main, ...args], { env: environment });
  if (code !== 0) throw new Error(stderr.trim());
  return stdout.trim();
}

/** Brings the schema up to date. Logins get the administrator's password, when there is one. */
export function migrate(databaseUrl) {
  const password = decodeURIComponent(new URL(databaseUrl).password);
  const passwords = password && {
    PULSER_APP_PASSWORD: password,
    PULSER_SERVICE_PASSWORD: password,
    PULSER_MCP_PASSWORD: password,
  };
  return cli(['migrate'], { ...process.env, DATABASE_URL: databaseUrl, ...passwords });
}

/** An API key of the tenant `dev` of this database, made at the first call and kept. */
export const developmentKey = (databaseUrl) => keptKey(databaseUrl, 'api-key', ['--tenant', 'dev', '--name', 'dev']);

/** The same of the installation: it reads what all tenants share, and changes nothing. */
export const installationKey = (databaseUrl) =>
  keptKey(databaseUrl, 'installation-key', ['--installation', '--role', 'viewer', '--name', 'dev']);

async function keptKey(databaseUrl, fileName, args) {
  const database = createHash('sha256').update(databaseUrl).digest('hex').slice(0, 12);
  const file = join(stateFolder, 'dev', database, fileName);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const key = await cli(['keys', 'create', ...args], { ...process.env, DATABASE_URL: databaseUrl });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}
