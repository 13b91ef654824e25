// The way of one task: every product file with a function executed between the request and the answer of `?wait=`, over
// gateway, router, worker and its thread as processes of their own on real servers. What runs by the clock alone in one
// of the rounds (heartbeats, sweeps) is left out by counting only what every round executes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { admitUsers, buildServices, developmentKey, migrate, urlFor, urlOf } from '../dev-environment.mjs';
import { pinnedNode } from '../pinned-node.mjs';
import { requestOf, up } from '../services/lifecycle.mjs';

const rounds = 6;
const basePort = 18_400;
const probe = new URL('./probe.mjs', import.meta.url);

const task = {
  task_type: 'analytics',
  payload: {
    operation: 'query',
    sources: [{ name: 's', format: 'csv', content: 'a\n1\n2\n' }],
    sql: 'select sum(a) from s',
  },
};

export async function wayOfATask(root) {
  const services = await buildServices();
  const { databaseUrl, amqpUrl, amqpManagementUrl } = await up(requestOf({}));
  await admitUsers(amqpManagementUrl, amqpUrl);
  await migrate(databaseUrl);
  const key = await developmentKey(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'pulser-count-'));
  const children = services.map((service) => start(root, service, { databaseUrl, amqpUrl, folder }));
  try {
    await run(key);
    await run(key);
    for (let round = 1; round <= rounds; round++) await traced(key, folder, round);
    return common(root, folder);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => once(child, 'exit')));
  }
}

function start(root, { main, login, brokerUser, port }, { databaseUrl, amqpUrl, folder }) {
  return spawn(pinnedNode(), ['--import', fileURLToPath(probe), join(root, main)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      COUNT_FOLDER: folder,
      HOST: '127.0.0.1',
      PORT: String(basePort + port),
      DATABASE_URL: urlFor(login, databaseUrl),
      AMQP_URL: urlOf(brokerUser, amqpUrl),
    },
  });
}

async function run(key) {
  const url = `http://127.0.0.1:${basePort}/api/v1/tasks`;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (let attempt = 1; ; attempt++) {
    const accepted = await fetch(url, { method: 'POST', headers, body: JSON.stringify(task) }).catch(() => undefined);
    if (accepted?.status === 202) {
      const { task_id } = await accepted.json();
      const answer = await (await fetch(`${url}/${task_id}?wait=30s`, { headers })).json();
      if (answer.status === 'completed') return;
      throw new Error(`the task is ${answer.status}`);
    }
    if (attempt === 200) throw new Error(`the gateway does not accept tasks: ${accepted?.status ?? 'no answer'}`);
    await wait(100);
  }
}

async function traced(key, folder, round) {
  writeFileSync(join(folder, `start-${round}`), '');
  await wait(150);
  await run(key);
  writeFileSync(join(folder, `stop-${round}`), '');
  await wait(300);
}

function common(root, folder) {
  const files = readdirSync(folder);
  const sets = Array.from({ length: rounds }, (_, n) => {
    const ofRound = files.filter((name) => name.startsWith(`files-${n + 1}-`));
    return new Set(ofRound.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  });
  return [...sets[0]]
    .filter((url) => sets.every((set) => set.has(url)))
    .map((url) => relative(root, fileURLToPath(url)))
    .filter((file) => !file.includes('node_modules') && /^(?:apps|libs)\/.*\/dist\//.test(file))
    .map((file) => file.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))
    .sort();
}
