// The way of a call over a real database and a server of the kit in this process, with two tenants.
import { randomBytes } from 'node:crypto';

import {
  CallApprovals,
  newCallId,
  SecretCipher,
  systemActor,
  TenantKeys,
  Tenants,
  TenantSecrets,
  TenantSettings,
  ToolCallLog,
  ToolPins,
} from '@pulser/context-bus';
import type { ToolCallReply } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { connectInProcess, type McpServerDefinition } from '@pulser/mcp-server-kit';
import { Breakers, createLogger, Metrics } from '@pulser/service-kit';
import { Cuttable, eventually, testDatabase, type TestDatabase } from '@pulser/testing';

import { ArgumentChecks } from '../src/calls/argument-checks.js';
import { CallMeter } from '../src/calls/call-meter.js';
import { CallRecorder } from '../src/calls/call-recorder.js';
import { CallCredentials, secretNameOf } from '../src/calls/credentials.js';
import { OperatorVariables } from '../src/calls/operator-variables.js';
import { ServerPlaces, usualPlaces } from '../src/calls/server-places.js';
import { type CallLimits, type CallOrder, ToolCalls } from '../src/calls/tool-calls.js';
import { UpstreamCalls } from '../src/calls/upstream-calls.js';
import type { AgentCaller, Caller, PrincipalCaller } from '../src/calls/view.policy.js';
import { noRules } from '../src/configuration/server-settings.js';
import { ChildGuard } from '../src/protocol/child-guard.js';
import { ToolRegistry } from '../src/registry/tool-registry.js';
import { Launcher } from '../src/upstreams/launcher.js';
import { usualTimes } from '../src/upstreams/upstream.js';
import { Upstreams } from '../src/upstreams/upstreams.js';
import { FixtureServer } from './fixture-server.js';

/** The token of the first tenant, and of the operator for all tenants. */
export const tokens = { first: 'ghp_first_tenant_secret_0001', operator: 'ghp_operator_secret_0002' } as const;

export interface CallsOptions {
  /** Sets the operator's variable for all tenants. */
  readonly operator?: boolean;
  /** What the operator sets besides, with which calls go all the way. No tenant has variables of its own then. */
  readonly operators?: (server: TestDatabase) => Readonly<Record<string, string>>;
  readonly places?: typeof usualPlaces;
  /** The servers, instead of the one that remembers what it was asked: calls go no further than to the way to them. */
  readonly definitions?: readonly McpServerDefinition[];
}

export class CallsUnderTest {
  readonly fixture = new FixtureServer();
  /** Tenants whose persons have something to decide. */
  readonly asked: string[] = [];
  /** Lines of the log. */
  readonly lines: string[] = [];
  readonly metrics = new Metrics();
  readonly calls: ToolCalls;
  readonly secrets: TenantSecrets;
  readonly settings: TenantSettings;
  readonly log: ToolCallLog;
  readonly registry: ToolRegistry;
  /** What has left for the server. */
  readonly sent: {
    readonly tool: string;
    readonly given: unknown;
    readonly meta: Readonly<Record<string, unknown>>;
  }[] = [];
  private readonly sending: Pick<Upstreams, 'call'> = {
    call: (server, tool, given, options) => {
      this.sent.push({ tool, given, meta: options.meta });
      return this.isReal
        ? this.upstreams.call(server, tool, given, options)
        : Promise.resolve({ content: [], isError: false });
    },
  };
  readonly definitions: readonly McpServerDefinition[];
  private readonly isReal: boolean;
  private readonly recorder: CallRecorder;
  private readonly upstreams: Upstreams;
  private readonly guard = new ChildGuard();

  private constructor(
    readonly server: TestDatabase,
    /** To the database. */
    readonly way: Cuttable,
    readonly database: Database,
    readonly first: string,
    readonly second: string,
    { operator = false, operators: given, places = usualPlaces, definitions }: CallsOptions,
  ) {
    this.isReal = definitions === undefined || given !== undefined;
    this.definitions = definitions ?? [this.fixture.definition];
    const destination = { write: (line: string) => void this.lines.push(line) };
    const logger = createLogger({ service: 'calls', level: 'debug', destination });
    this.secrets = new TenantSecrets(database, new SecretCipher([randomBytes(32)]));
    this.settings = new TenantSettings(database);
    const approvals = new CallApprovals(database);
    this.log = new ToolCallLog(database, approvals);
    this.registry = new ToolRegistry(new ToolPins(database), logger);
    this.recorder = new CallRecorder(this.log, logger, this.metrics);
    this.upstreams = new Upstreams({
      launcher: new Launcher(
        this.guard,
        // The two libraries describe the same transport.
        (name) => connectInProcess(this.definitionOf(name)),
        () => undefined,
      ),
      times: usualTimes,
      startLimit: 4,
      onState: () => undefined,
      onTools: (settings, list) => void this.registry.offer(settings, list),
      onGone: (name) => {
        this.registry.withdraw(name);
      },
      onOddity: () => undefined,
    });
    const variables = this.definitions.flatMap((definition) => definition.variables.map(({ name }) => name));
    const ofAll = Object.fromEntries(variables.map((name) => [`MCP_ALL_${name}`, tokens.operator]));
    const operators = new OperatorVariables(given?.(server) ?? (operator ? ofAll : {}));
    this.calls = new ToolCalls(
      this.registry,
      new ArgumentChecks(),
      new CallCredentials(this.secrets, this.settings, operators),
      new UpstreamCalls(this.sending, new ServerPlaces(places), new Breakers()),
      approvals,
      this.settings,
      this.log,
      this.recorder,
      new CallMeter(this.metrics),
      logger,
      () => ({}),
      (tenantId) => void this.asked.push(tenantId),
    );
  }

  static async start(options: CallsOptions = {}): Promise<CallsUnderTest> {
    const server = await testDatabase(migrateUp);
    const way = await Cuttable.to(server.url('pulser_service'));
    const database = new Database({
      settings: { DATABASE_URL: way.url, DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
      applicationName: 'mcp-calls-test',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    const tenants = new Tenants(database);
    const [first, second] = [await tenants.ensure('first'), await tenants.ensure('second')];
    const world = new CallsUnderTest(server, way, database, first, second, options);
    for (const { name: serverName, variables } of options.operators === undefined ? world.definitions : [])
      for (const { name } of variables) {
        const secret = { name: secretNameOf(serverName, name), value: tokens.first, hosts: [] };
        await world.secrets.put(first, systemActor('test'), secret);
      }
    world.begin();
    await eventually(() => {
      expect(world.registry.list()).toHaveLength(world.definitions.flatMap(({ tools }) => tools).length);
    });
    return world;
  }

  private definitionOf(name: string): McpServerDefinition {
    const found = this.definitions.find((definition) => definition.name === name);
    if (found === undefined) throw new Error(`There is no server ${name}`);
    return found;
  }

  /** Starts the server, or starts it again. */
  begin(): void {
    const own = {
      isOwn: true,
      launch: { kind: 'in-process' },
      disabled: undefined,
      era: 'legacy',
      rules: noRules,
    } as const;
    this.upstreams.apply(this.definitions.map(({ name }) => ({ ...own, name })));
  }

  /** Ends the server. */
  end(): void {
    this.upstreams.apply([]);
  }

  /** A running task of an agent. */
  async task(agent = 'arkie', tenantId = this.first): Promise<AgentCaller> {
    const [row] = await this.server.query<{ task_id: string }>(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, epoch, due_at, attempts)
       values ($1, 'infrastructure', $2, '{}', 'running', 1, now() + interval '1 hour', 1) returning task_id`,
      [tenantId, agent],
    );
    if (row === undefined) throw new Error('An insert returned no row');
    return { kind: 'task', tenantId, taskId: row.task_id, epoch: 1, agent };
  }

  /** Somebody with a key. @param tools null: those that only read */
  async holder(tools: readonly string[] | null = null, tenantId = this.first): Promise<PrincipalCaller> {
    const grant = { name: 'ci', role: 'operator', allowedTaskTypes: null, expiresInS: null, tools } as const;
    const { keyId, name } = await new TenantKeys(this.database).create(tenantId, systemActor('test'), grant);
    return { kind: 'principal', tenantId, id: keyId, name, mayAct: true, patterns: tools };
  }

  call(
    caller: Caller,
    tool: string,
    given: object,
    more: Partial<CallOrder & CallLimits> = {},
  ): Promise<ToolCallReply> {
    const { signal = new AbortController().signal, deadline, onProgress, ...order } = more;
    return this.calls.call(
      caller,
      {
        callId: newCallId(),
        tool,
        arguments: { ...given },
        idempotencyKey: undefined,
        approvalId: undefined,
        ...order,
      },
      { signal, deadline, onProgress },
    );
  }

  /** The rows of calls of a tenant or a caller, oldest first, once all are written. */
  async rows(of: Caller | string = this.first): Promise<Record<string, unknown>[]> {
    await this.recorder.flushed();
    const [tenantId, caller] =
      typeof of === 'string' ? [of, null] : [of.tenantId, of.kind === 'task' ? of.taskId : of.id];
    const ofCaller = '$2::text is null or task_id::text = $2 or principal = $2';
    return this.server.query(`select * from tool_call where tenant_id = $1 and (${ofCaller}) order by at, call_id`, [
      tenantId,
      caller,
    ]);
  }

  /** Persons approve what a principal or a task has asked for. */
  async approve(approvalId: string): Promise<void> {
    await this.server.query(`update approval set status = 'approved', ended_at = now() where approval_id = $1`, [
      approvalId,
    ]);
  }

  async close(): Promise<void> {
    await this.recorder.onApplicationShutdown();
    await this.upstreams.close();
    this.registry.close();
    this.guard.close();
    await this.database.close();
    await this.way.close();
    await this.server.drop();
  }
}

/** The code of a failure; undefined: there is a result. */
export const codeOf = (reply: ToolCallReply): string | undefined => (reply.ok ? undefined : reply.error.code);
