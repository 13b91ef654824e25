import { say, sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { passwords } from './broker-passwords.mjs';
import { changeState, readState } from './state.mjs';

const compose = (args) => runCommand('docker', ['compose', ...args], { cwd: workspaceRoot });

export async function dockerAnswers() {
  // An engine that hangs (a suspended Docker Desktop) is no engine.
  const [engine, plugin] = await Promise.all([
    runCommand('docker', ['info'], { timeout: 10_000 }),
    compose(['version']),
  ]);
  if (engine.code === 0 && plugin.code !== 0) say('a Docker engine answers, but "docker compose" is not installed');
  return engine.code === 0 && plugin.code === 0;
}

export async function startDockerServices() {
  // Compose reads them itself, from the same file.
  const { admin } = passwords();
  const { code, stderr } = await sayWhile('docker compose up --wait postgres rabbitmq', () =>
    compose(['up', '--wait', 'postgres', 'rabbitmq']),
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
  const { code, stderr } = await compose(['stop', 'postgres', 'rabbitmq']);
  if (code !== 0) throw new Error(`docker compose could not stop the services:\n${lastLines(stderr, 10)}`);
  say('PostgreSQL and RabbitMQ (docker) stopped');
}

async function published(service, port) {
  const { code, stdout, stderr } = await compose(['port', service, String(port)]);
  if (code !== 0) throw new Error(`docker compose does not publish ${service}: ${lastLines(stderr)}`);
  return stdout.trim().split('\n')[0].replace('0.0.0.0', '127.0.0.1');
}
