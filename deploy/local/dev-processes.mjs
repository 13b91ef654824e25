// The processes of `npm run dev`: one of each service, and as many workers of each agent as its tasks need.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { urlFor, urlOf } from './dev-environment.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { freePort } from './services/answers.mjs';
import { secretsKey } from './services/kept-secrets.mjs';
import { windowMs, workerCount } from './worker-count.policy.mjs';
import { workspaceRoot } from './workspace.mjs';

/** The port of the MCP coordinator, from the gateway's. */
const mcpOffset = 3;

/** Every process that was started, until it has ended. */
export class Processes {
  #running = new Map();
  #addresses;
  #reportEnd;
  #firstEnd = new Promise((resolve) => (this.#reportEnd = resolve));
  #codes = [];

  constructor(addresses) {
    this.#addresses = addresses;
  }

  /** Starts a service; `port` is the one of the roster unless another is wanted. Resolves with its process. */
  start({ name, main, login, brokerUser, port: offset }, label = name, port = this.#addresses.basePort + offset) {
    const { databaseUrl, amqpUrl } = this.#addresses;
    const child = spawn(pinnedNode(), [join(workspaceRoot, main)], {
      cwd: workspaceRoot,
      // A group of its own: Ctrl-C reaches it once, through this process.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        HOST: '127.0.0.1',
        LOG_PRETTY: String(process.stdout.isTTY === true),
        SECRETS_KEY: secretsKey(),
        PULSER_API_URL: `http://127.0.0.1:${this.#addresses.basePort}`,
        MCP_COORDINATOR_URL: `http://127.0.0.1:${this.#addresses.basePort + mcpOffset}`,
        ...(name === 'mcp-coordinator' && { MCP_ALL_SUPABASE_DB_URL: urlFor('pulser_mcp', databaseUrl) }),
        ...process.env,
        PORT: String(port),
        DATABASE_URL: urlFor(login, databaseUrl),
        AMQP_URL: urlOf(brokerUser, amqpUrl),
      },
    });
    for (const output of [child.stdout, child.stderr])
      createInterface({ input: output }).on('line', (line) => process.stdout.write(`${label.padEnd(8)} ${line}\n`));
    const exit = once(child, 'exit').then(([code]) => this.#ended(child, label, code));
    this.#running.set(child, { exit, isAsked: false });
    return child;
  }

  /** Lets a process finish what it runs, and resolves when it has ended. */
  async drain(child) {
    const running = this.#running.get(child);
    if (running === undefined) return;
    running.isAsked = true;
    child.kill('SIGTERM');
    await running.exit;
  }

  /** Resolves with the first process that ended without having been asked to. */
  firstEnd() {
    return this.#firstEnd;
  }

  /** Drains all. Resolves with the exit codes of all that ever ran. */
  async stop() {
    await Promise.all([...this.#running.keys()].map((child) => this.drain(child)));
    return this.#codes;
  }

  #ended(child, label, code) {
    const { isAsked } = this.#running.get(child);
    this.#running.delete(child);
    this.#codes.push(code ?? 1);
    if (!isAsked) this.#reportEnd({ label, code });
  }
}

const everyMs = 5_000;

/** Adds workers of one agent and removes them, as the gateway says. The first worker is not its own and stays. */
export class ScaledAgent {
  #more = [];
  #wishes = [];
  #made = 1;

  constructor(service, { processes, bounds, desiredWorkers }) {
    this.service = service;
    this.processes = processes;
    this.bounds = bounds;
    this.desiredWorkers = desiredWorkers;
  }

  /** Follows the signal until `signal` is aborted. */
  async follow(signal) {
    while (!signal.aborted) {
      await this.step(Date.now());
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async step(now) {
    const workers = await this.desiredWorkers(this.service.name);
    this.#wishes = this.#wishes.filter(({ at }) => now - at < windowMs);
    if (workers !== undefined) this.#wishes.push({ at: now, workers });
    const count = 1 + this.#more.length;
    const wanted = workerCount({ count, wishes: this.#wishes, now, ...this.bounds });
    for (let n = count; n < wanted; n += 1) await this.#add();
    for (let n = count; n > wanted; n -= 1) this.#remove();
  }

  async #add() {
    const label = `${this.service.name}-${++this.#made}`;
    say(`${this.service.name}: one more worker, ${label}`);
    this.#more.push({ label, child: this.processes.start(this.service, label, await freePort()) });
  }

  /** The newest one, in the background: a task of minutes delays no other agent. */
  #remove() {
    const { label, child } = this.#more.pop();
    say(`${this.service.name}: one worker less, ${label} finishes what it runs`);
    void this.processes.drain(child);
  }
}

/** Asks the gateway. Resolves with undefined while it does not know. */
export const askGateway = (url, key) => async (agent) => {
  const answer = await fetch(`${url}/api/v1/scaling/${agent}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(everyMs),
  }).catch(() => undefined);
  if (answer?.ok !== true) return void (await answer?.body?.cancel());
  return (await answer.json()).desired_workers;
};
