import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { cli } from '@pulser/cli';
import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';
import { TemporaryFolder } from './temporary-folder.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** Packed in the way that apps/agents/README.md shows. */
const libraries = [
  ...['roster', 'concurrency', 'contracts', 'service-kit', 'outgoing', 'embedding', 'models'],
  ...['isolation', 'workflows', 'schedules', 'database', 'messaging', 'sketch', 'context-bus'],
];
const packed = ['migrations', ...[...libraries, 'agent-runtime'].map((name) => `libs/${name}`)];

/** The files that the README shows, by name: a block of code begins with its file's name. */
const filesIn = (readme: string): Map<string, string> =>
  new Map(
    [...readme.matchAll(/```js\n(\/\/ ([\w.]+): [\s\S]*?)```/g)].map(
      ([, code = '', name = '']) => [name, code] as const,
    ),
  );

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** An agent of somebody else: a folder outside the workspace, with packed libraries and the code of the README. */
class OutsideAgent {
  readonly folder = new TemporaryFolder();
  private worker: ChildProcess | undefined;

  async install(): Promise<void> {
    const workspaces = packed.flatMap((project) => ['-w', project]);
    await run('npm', ['pack', '--silent', '--pack-destination', this.folder.path, ...workspaces], { cwd: root });
    const tarballs = readdirSync(this.folder.path).map((name) => `./${name}`);
    writeFileSync(
      this.folder.place('package.json'),
      JSON.stringify({ name: 'greeter', private: true, type: 'module' }),
    );
    const readme = readFileSync(`${root}apps/agents/README.md`, 'utf8');
    for (const [name, code] of filesIn(readme)) writeFileSync(this.folder.place(name), code);
    const quick = ['--prefer-offline', '--ignore-scripts', '--fetch-retries=0'];
    await run('npm', ['install', '--loglevel=error', ...quick, ...tarballs, 'zod@4.6.7'], { cwd: this.folder.path });
  }

  /** Runs its code by Node with these variables and no others. */
  node(args: readonly string[], variables: Readonly<Record<string, string>> = {}): ChildProcess {
    const env = { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', ...variables };
    return spawn(process.execPath, args, { cwd: this.folder.path, env, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  start(variables: Readonly<Record<string, string>>): void {
    this.worker = this.node(['main.js'], variables);
    this.worker.stderr?.pipe(process.stderr);
  }

  /** @returns its exit code */
  async stop(): Promise<number | null> {
    const { worker } = this;
    this.worker = undefined;
    if (worker === undefined) return null;
    worker.kill('SIGTERM');
    const { code } = await ended(worker);
    return code;
  }
}

const ended = async (child: ChildProcess): Promise<Ended> => {
  let stderr = '';
  child.stderr?.on('data', (text) => (stderr += String(text)));
  if (child.exitCode !== null) return { code: child.exitCode, stderr };
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
};

const offline = /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT/;

/** Why the agent could not be installed; undefined when it is. @throws for anything but a registry that is away */
const unreachable = async (agent: OutsideAgent): Promise<string | undefined> => {
  try {
    await agent.install();
    return undefined;
  } catch (error) {
    agent.folder[Symbol.dispose]();
    const reason = offline.exec(String(error))?.[0];
    if (reason === undefined || process.env['CI'] === 'true') throw error;
    return `an agent from outside: SKIPPED, because no npm registry can be reached (${reason})`;
  }
};

const agent = new OutsideAgent();
const skipped = await unreachable(agent);

interface Task {
  readonly task_id: string;
  readonly status: string;
}

(skipped === undefined ? describe : describe.skip)(skipped ?? 'an agent from outside', () => {
  let apart: Apart;
  let servers: { DATABASE_URL: string; AMQP_URL: string };

  /** A command of an operator. */
  const pulser = async (...args: string[]): Promise<string> => {
    const before = process.env['DATABASE_URL'];
    process.env['DATABASE_URL'] = apart.database.url();
    try {
      const { out, err } = await cli(args);
      expect(err).toBe('');
      return out;
    } finally {
      process.env['DATABASE_URL'] = before;
    }
  };

  beforeAll(async () => {
    apart = await Apart.start();
    const definitions = await pulser('agents', 'broker-user', 'greeter');
    await apart.broker.add(JSON.parse(definitions) as Parameters<typeof apart.broker.add>[0]);
    servers = { DATABASE_URL: apart.database.url('pulser_service'), AMQP_URL: apart.broker.urlOf('worker-greeter') };
  });

  afterAll(async () => {
    await agent.stop();
    await apart.stop();
  });

  const submit = (payload: object) => apart.call<Task>('/api/v1/tasks', { task_type: 'greetings', payload });

  const ending = async (payload: object) => {
    const { task_id } = await submit(payload);
    return apart.call(`/api/v1/tasks/${task_id}?wait=60s`);
  };

  it('passes its own tests with the kit, far from any server', async () => {
    expect(await ended(agent.node(['--test']))).toMatchObject({ code: 0 });
  });

  it.each([{}, { AGENT_TOKEN: 'pulser_agent_of_somebody_else' }])(
    'cannot start with %j, and says why in one line',
    async (token) => {
      const { code, stderr } = await ended(agent.node(['main.js'], { ...servers, ...token }));
      expect(stderr).toBe(
        'greeter cannot start: the agent greeter is not admitted with the task types greetings, or AGENT_TOKEN is not its ' +
          'token: `npm run pulser -- agents admit greeter --types greetings` prints one\n',
      );
      expect(code).toBe(1);
      expect(await submit({ operation: 'greet', name: 'Ada' })).toMatchObject({ code: 'task_type_not_served' });
    },
  );

  it('is served like any other once it is admitted, with schema, example, limits and errors of its own', async () => {
    const AGENT_TOKEN = await pulser('agents', 'admit', 'greeter', '--types', 'greetings');
    agent.start({ ...servers, AGENT_TOKEN });
    await eventually(async () => {
      const { task_types } = await apart.call<{ task_types: object[] }>('/api/v1/task-types');
      expect(task_types).toContainEqual({
        task_type: 'greetings',
        agent: 'greeter',
        backups: [],
        max_attempts: 4,
        time_limit_ms: 10_000,
        operations: [
          expect.objectContaining({
            operation: 'greet',
            input_schema: expect.objectContaining({ required: ['operation', 'name'] }) as object,
            example: { operation: 'greet', name: 'Ada' },
            errors: [{ code: 'name_unknown', permanent: true }],
          }),
          // Every agent has it.
          expect.objectContaining({ operation: 'ask' }),
        ],
      });
    });
    const { agents } = await apart.call<{ agents: object[] }>('/api/v1/agents');
    expect(agents).toContainEqual(expect.objectContaining({ agent: 'greeter', task_types: ['greetings'] }));
  });

  it('runs a task that came over REST', async () => {
    expect(await ending({ operation: 'greet', name: 'Ada' })).toMatchObject({
      status: 'completed',
      assigned_agent: 'greeter',
      attempts: 1,
      result: { greeting: 'Hello, Ada' },
    });
  });

  it('fails a task with an error code of its own', async () => {
    expect(await ending({ operation: 'greet', name: 'Nobody' })).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'name_unknown', message: 'There is no such person', permanent: true },
    });
  });

  it('gets no payload that its schema does not accept', async () => {
    expect(await submit({ operation: 'greet', name: 7 })).toMatchObject({
      status: 422,
      code: 'invalid_payload',
      errors: [{ pointer: '/payload/name', detail: 'Must be string' }],
    });
  });

  it('is counted under its own label', async () => {
    const text = await (await fetch(`${apart.gatewayUrl}/metrics`)).text();
    expect(text).toMatch(/pulser_tasks_submitted_total\{[^}]*task_type="greetings",outcome="created"[^}]*\} 2/);
  });

  it('ends with 0 when it is told to, and its tasks wait for the next worker', async () => {
    expect(await agent.stop()).toBe(0);
    expect(await submit({ operation: 'greet', name: 'Grace' })).toMatchObject({ status: 'queued' });
  });
});

afterAll(() => {
  agent.folder[Symbol.dispose]();
});
