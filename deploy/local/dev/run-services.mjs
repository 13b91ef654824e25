import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pinnedNode } from '../pinned-node.mjs';
import { say } from '../progress.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { urlOf } from './broker-users.mjs';
import { services, urlFor } from './services.mjs';

function start({ name, main, login, brokerUser, port }, { databaseUrl, amqpUrl, basePort }) {
  const child = spawn(pinnedNode(), [join(workspaceRoot, main)], {
    cwd: workspaceRoot,
    // A group of its own: Ctrl-C reaches it once, through this process.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOST: '127.0.0.1',
      LOG_PRETTY: String(process.stdout.isTTY === true),
      ...process.env,
      PORT: String(basePort + port),
      DATABASE_URL: urlFor(login, databaseUrl),
      AMQP_URL: urlOf(brokerUser, amqpUrl),
    },
  });
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => process.stdout.write(`${name.padEnd(8)} ${line}\n`));
  return child;
}

/** Runs every service in a process of its own until one ends or a signal comes. Resolves with an exit code. */
export async function runServices(addresses) {
  const children = services.map((service) => start(service, addresses));
  const stopAll = () => children.forEach((child) => child.kill('SIGTERM'));
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      asked = true;
      stopAll();
    });
  const exits = children.map((child) => once(child, 'exit'));
  const first = await Promise.race(exits.map((exit, index) => exit.then(([code]) => ({ code, ...services[index] }))));
  if (!asked) say(`${first.name} ended with code ${first.code}: stopping the others`);
  stopAll();
  const codes = (await Promise.all(exits)).map(([code]) => code ?? 1);
  return asked && codes.every((code) => code === 0) ? 0 : 1;
}
