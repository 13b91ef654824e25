// All of Pulser in one process, as `npm start` runs it, on a data folder of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { NewKey, RoleName } from '@pulser/contracts';
import { eventually } from '@pulser/testing';
import { calls, type ModelScript, ModelServer, says } from '@pulser/testing/models';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const run = promisify(execFile);

/** The first start of a checkout compiles everything. */
const readyMs = 240_000;

/** Waits no longer for an answer of the API, in milliseconds. */
const callMs = 100_000;

/** A model that asks one query, and says that it is done. */
const model: ModelScript = ({ messages }) =>
  messages.some(({ role }) => role === 'tool')
    ? says('One.', { inputTokens: 900, outputTokens: 20 })
    : calls({ name: 'query', arguments: { sql: 'select 1 as one', sources: [] } });

export class Pulser {
  private output = '';
  private readonly data = mkdtempSync(join(tmpdir(), 'pulser-page-'));
  private process: ChildProcess;
  private readonly keys = new Map<RoleName, Promise<string>>();
  private port = '0';
  private before = '';

  /** @param models where agents that are asked ask */
  private constructor(private readonly models: ModelServer) {
    this.process = this.launch();
  }

  static async start(): Promise<Pulser> {
    const pulser = new Pulser(await ModelServer.start(model));
    await pulser.ready();
    return pulser;
  }

  get url(): string {
    return /API +(\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** What `npm start` printed. */
  get text(): string {
    return this.output;
  }

  /** Lines in which Node warns, of all starts: of listeners that are too many, of what is deprecated. */
  get warnings(): readonly string[] {
    return (this.before + this.output).match(/^\(node:\d+\).*$/gm) ?? [];
  }

  /** The link that logs in once. */
  get loginLink(): string {
    const [link] = /http\S+\/ui\/#code=\S+/.exec(this.output) ?? [];
    if (link === undefined) throw new Error(`No link in: ${this.output}`);
    return link;
  }

  /** The administrator's key that the first start made. */
  get key(): string {
    return readFileSync(join(this.data, 'api-key'), 'utf8').trim();
  }

  /** A key with this role; one a role. */
  keyOf(role: RoleName): Promise<string> {
    const known = this.keys.get(role) ?? this.makeKey(role);
    this.keys.set(role, known);
    return known;
  }

  /** A key of the installation, of an administrator: made at the command line, as all of them are. */
  async installationKey(): Promise<string> {
    return this.atShell('keys', 'create', '--installation', '--name', 'operator', '--role', 'admin');
  }

  /** A key of somebody else than the administrator. @param tools that it may call, as a pattern */
  async keyOfAnother(role: RoleName, tools?: string): Promise<string> {
    const { tenant } = await this.call<{ tenant: string }>('/api/v1/me');
    const name = ['--tenant', tenant, '--name', `another-${role}`, '--role', role];
    return this.atShell('keys', 'create', ...name, ...(tools === undefined ? [] : ['--tools', tools]));
  }

  private async atShell(...command: string[]): Promise<string> {
    const env = { ...process.env, PULSER_DATA_DIR: this.data, DATABASE_URL: undefined };
    return (await run(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...command], { env })).stdout.trim();
  }

  /** A request of the administrator's, or with another key. @throws Error when it is refused */
  async call<T = Record<string, unknown>>(path: string, body?: unknown, method?: string, key = this.key): Promise<T> {
    const response = await fetch(this.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(callMs),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Sends a file. @throws Error when it is refused */
  async send<T>(path: string, body: string, contentType: string): Promise<T> {
    const response = await fetch(this.url + path, {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': contentType },
      body,
      signal: AbortSignal.timeout(callMs),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Submits a task. @returns its id */
  async submit(task: object): Promise<string> {
    return (await this.call<{ task_id: string }>('/api/v1/tasks', task)).task_id;
  }

  /** As a crash does it: without a word. `restart` starts it again on the same data and address. */
  async kill(): Promise<void> {
    const pid = Number(readFileSync(join(this.data, 'pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await once(this.process, 'exit');
  }

  async restart(): Promise<void> {
    this.port = new URL(this.url).port;
    this.before += this.output;
    this.output = '';
    this.process = this.launch();
    await this.ready();
  }

  async stop(): Promise<void> {
    const { pid } = this.process;
    if (this.process.exitCode === null && pid !== undefined) {
      process.kill(-pid, 'SIGINT');
      await once(this.process, 'exit');
    }
    await this.models.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  private launch(): ChildProcess {
    const { PATH = '', HOME = '' } = process.env;
    const launched = spawn(process.execPath, [join(root, 'deploy/local/start.mjs')], {
      env: {
        ...{ PATH, HOME, PORT: this.port, PULSER_DATA_DIR: this.data },
        ...{ LLM_BASE_URL: this.models.url, LLM_MODEL: 'tester' },
        LLM_PRICES: '{"tester": {"input": 2, "output": 8}}',
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [launched.stdout, launched.stderr])
      stream.on('data', (text) => {
        this.output += String(text);
      });
    return launched;
  }

  private async ready(): Promise<void> {
    await eventually(
      () => {
        if (this.process.exitCode !== null) throw new Error(`It ended: ${this.output}`);
        expect(this.output).toContain('Pulser is ready');
      },
      { timeoutMs: readyMs, everyMs: 100 },
    );
  }

  private async makeKey(role: RoleName): Promise<string> {
    return (await this.call<NewKey>('/api/v1/keys', { name: `page-${role}`, role })).key;
  }
}
