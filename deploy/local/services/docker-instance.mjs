import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { passwords } from './broker-passwords.mjs';
import { freePort } from './free-port.mjs';
import { ServicesUnavailable } from './services-unavailable.mjs';
import { changeState, readState } from './state.mjs';

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
