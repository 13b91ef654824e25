import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { brokerAnswers, startServer, until } from './answers.mjs';
import {
  accountIn,
  commandName,
  killProcesses,
  launchInRoot,
  processesOf,
  runInRoot,
  signalProcesses,
} from './debian.mjs';
import { keptSecrets } from './kept-secrets.mjs';

const definitionsFile = join(workspaceRoot, 'deploy/rabbitmq/definitions.json');

/** What RabbitMQ must know about its users but their passwords. */
export const definitions = () => JSON.parse(readFileSync(definitionsFile, 'utf8'));

const newPassword = () => randomBytes(24).toString('hex');

export const variableOf = (user) => `PULSER_AMQP_${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`;

/**
 * Passwords for development, by user: those of the administrator `admin` and of all users in the definitions. Missing
 * ones are made up and kept.
 */
export function passwords() {
  const users = ['admin', ...definitions().permissions.map(({ user }) => user)];
  const kept = keptSecrets(Object.fromEntries(users.map((user) => [variableOf(user), newPassword])));
  return Object.fromEntries(users.map((user) => [user, kept[variableOf(user)]]));
}

const data = '/var/lib/rabbitmq/mnesia';
const account = ({ root }) => accountIn(root, 'rabbitmq');
const program = (name) => `/usr/lib/rabbitmq/bin/${name}`;

export const brokerServer = {
  name: 'RabbitMQ',
  portNames: ['amqp', 'distribution', 'epmd', 'metrics', 'management'],
  url: ({ ports }) => `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
  managementUrl: ({ ports }) => `http://guest:guest@127.0.0.1:${ports.management}`,
  isRunning: (site) => processesOf(site.root, account(site)).some((pid) => commandName(pid) === 'beam.smp'),
  answers: (site) => brokerAnswers(brokerServer.url(site)),

  async start(site) {
    await startServer(brokerServer, site, () => {
      writeConfiguration(site);
      return launch(site);
    });
  },

  async stop(site) {
    const nodes = processesOf(site.root, account(site)).filter((pid) => commandName(pid) === 'beam.smp');
    signalProcesses(nodes, 'SIGTERM');
    await until(() => !brokerServer.isRunning(site), 30_000);
    // What is left is the port mapper, or a node that would not stop.
    await brokerServer.kill(site);
  },

  kill: (site) => killProcesses(site.root, account(site)),

  /** Kills the broker and deletes all it knew: queues, exchanges, messages. Start it again afterwards. */
  async wipe(site) {
    await brokerServer.kill(site);
    const { uid, gid } = account(site);
    rmSync(join(site.root, data), { recursive: true, force: true });
    mkdirSync(join(site.root, data));
    chownSync(join(site.root, data), uid, gid);
  },

  /** One command of rabbitmqctl, for instance `set_vm_memory_high_watermark 0.0001`. @returns what it printed */
  async control(site, args) {
    const command = [program('rabbitmqctl'), '-q', ...args];
    const { code, stdout, stderr } = await runInRoot(site.root, account(site), command, nodeEnvironment(site));
    if (code !== 0) throw new Error(`rabbitmqctl ${args[0]}: ${lastLines(`${stdout}\n${stderr}`, 3)}`);
    return stdout;
  },

  /** The broker's own check that its listeners accept connections; throws with its answer when they do not. */
  async diagnose(site) {
    const command = [program('rabbitmq-diagnostics'), '-q', 'check_port_connectivity'];
    const { code, stdout, stderr } = await runInRoot(site.root, account(site), command, nodeEnvironment(site));
    if (code !== 0) throw new Error(`RabbitMQ is not healthy: ${lastLines(`${stdout}\n${stderr}`, 3)}`);
  },
};

const configuration = ({ ports }) => `
listeners.tcp.1 = 127.0.0.1:${ports.amqp}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${ports.metrics}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
management_agent.disable_metrics_collector = true
disk_free_limit.absolute = 50MB
heartbeat = 10
frame_max = 16384
log.file = false
log.console = true
`;

function writeConfiguration(site) {
  const folder = join(site.root, 'etc/rabbitmq');
  writeFileSync(join(folder, 'rabbitmq.conf'), configuration(site));
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_management,rabbitmq_prometheus].\n');
}

/** Its own name, port mapper and ports, on loopback only: several nodes run side by side on one machine. */
const nodeEnvironment = ({ ports }) => ({
  RABBITMQ_NODENAME: 'pulser@localhost',
  RABBITMQ_DIST_PORT: String(ports.distribution),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  ERL_EPMD_PORT: String(ports.epmd),
  ERL_EPMD_ADDRESS: '127.0.0.1',
});

const launch = (site) =>
  launchInRoot({
    root: site.root,
    account: account(site),
    command: [program('rabbitmq-server')],
    env: nodeEnvironment(site),
    logName: `${site.name}-rabbitmq`,
  });
