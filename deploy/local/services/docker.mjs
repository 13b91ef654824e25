import { say, sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { ServicesUnavailable } from './debian.mjs';
import { freePort } from './answers.mjs';
import { passwords } from './rabbitmq.mjs';
import { changeState, readState } from './state.mjs';

const composeHere = (args) => runCommand('docker', ['compose', ...args], { cwd: workspaceRoot });

export async function dockerAnswers() {
  // An engine that hangs (a suspended Docker Desktop) is no engine.
  const [engine, plugin] = await Promise.all([
    runCommand('docker', ['info'], { timeout: 10_000 }),
    composeHere(['version']),
  ]);
  if (engine.code === 0 && plugin.code !== 0) say('a Docker engine answers, but "docker compose" is not installed');
  return engine.code === 0 && plugin.code === 0;
}

export async function startDockerServices() {
  // Compose reads them itself, from the same file.
  const { admin } = passwords();
  const { code, stderr } = await sayWhile('docker compose up --wait postgres rabbitmq', () =>
    composeHere(['up', '--wait', 'postgres', 'rabbitmq']),
  );
  if (code !== 0) throw new Error(`docker compose could not start the services:\n${lastLines(stderr, 10)}`);
  const addresses = {
    databaseUrl: `postgresql://postgres@${await published('postgres', 5432)}/postgres`,
    amqpUrl: `amqp://admin:${admin}@${await published('rabbitmq', 5672)}`,
    amqpManagementUrl: `http://admin:${admin}@${await published('rabbitmq', 15672)}`,
  };
  changeState((state) => {
    state.active = 'docker';
    state.sites.docker = addresses;
  });
  return addresses;
}

export async function stopDockerServices() {
  if (readState().sites.docker === undefined) return;
  const { code, stderr } = await composeHere(['stop', 'postgres', 'rabbitmq']);
  if (code !== 0) throw new Error(`docker compose could not stop the services:\n${lastLines(stderr, 10)}`);
  say('PostgreSQL and RabbitMQ (docker) stopped');
}

async function published(service, port) {
  const { code, stdout, stderr } = await composeHere(['port', service, String(port)]);
  if (code !== 0) throw new Error(`docker compose does not publish ${service}: ${lastLines(stderr)}`);
  return stdout.trim().split('\n')[0].replace('0.0.0.0', '127.0.0.1');
}

const containers = { postgres: 'postgres', broker: 'rabbitmq' };

/** The site of an instance that is a project of docker compose. */
export const dockerSite = (instance) => `docker@${instance}`;

export const isDockerInstance = (instance) => readState().sites[dockerSite(instance)] !== undefined;

/** Starts what is not running of an instance: the services of docker-compose.yml in a project of their own. */
export async function startDockerInstance(instance) {
  const ports = readState().sites[dockerSite(instance)]?.ports ?? (await newPorts());
  passwords();
  changeState((state) => (state.sites[dockerSite(instance)] = { ports }));
  const what = `docker compose up --wait, instance ${instance}`;
  await sayWhile(what, () => compose(instance, ['up', '--wait', ...Object.values(containers)]));
  return dockerInstanceAddresses(instance);
}

export function dockerInstanceAddresses(instance) {
  const { ports } = readState().sites[dockerSite(instance)];
  const { admin } = passwords();
  return {
    databaseUrl: `postgresql://postgres@127.0.0.1:${ports.postgres}/postgres`,
    amqpUrl: `amqp://admin:${admin}@127.0.0.1:${ports.amqp}`,
    amqpManagementUrl: `http://admin:${admin}@127.0.0.1:${ports.management}`,
  };
}

/** Ends an instance and deletes it with its data. */
export async function discardDockerInstance(instance) {
  await compose(instance, ['down', '--volumes', '--timeout', '1']);
  changeState((state) => delete state.sites[dockerSite(instance)]);
}

/** What can be done to one server of an instance; see control.mjs. */
export const dockerActions = {
  start: (instance, name) => compose(instance, ['up', '--wait', name]),
  stop: (instance, name) => compose(instance, ['stop', name]),
  kill: (instance, name) => compose(instance, ['kill', '--signal', 'SIGKILL', name]),
  wipe: async (instance, name) => {
    await compose(instance, ['rm', '--stop', '--force', name]);
    await docker(['volume', 'rm', `${projectOf(instance)}_rabbitmq-data`]);
    await compose(instance, ['up', '--wait', name]);
  },
  ctl: async (instance, name, args) =>
    void process.stdout.write(await compose(instance, ['exec', '-T', name, 'rabbitmqctl', '-q', ...args])),
  fill: () =>
    Promise.reject(new ServicesUnavailable('the disk of a container cannot be filled without hurting others')),
  free: () => Promise.resolve(),
};

export const containerOf = (serverName) => containers[serverName];

const projectOf = (instance) => `pulser-${instance}`;

// Fixed, and below 32768: a server must have its port back after a restart.
async function newPorts() {
  const postgres = await freePort();
  const amqp = await freePort([postgres]);
  return { postgres, amqp, management: await freePort([postgres, amqp]) };
}

function compose(instance, args) {
  const { ports } = readState().sites[dockerSite(instance)];
  return docker(['compose', '--project-name', projectOf(instance), ...args], {
    PULSER_POSTGRES_PORT: String(ports.postgres),
    PULSER_AMQP_PORT: String(ports.amqp),
    PULSER_AMQP_MANAGEMENT_PORT: String(ports.management),
  });
}

async function docker(args, variables = {}) {
  const { code, stdout, stderr } = await runCommand('docker', args, {
    cwd: workspaceRoot,
    env: { ...process.env, ...variables },
  });
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${lastLines(stderr, 5)}`);
  return stdout;
}
