import { createHash } from 'node:crypto';

import { type RoleName, WorkflowDefinition } from '@pulser/contracts';

import { submitAndAsk } from './asked-approval.js';
import { type Call, type Client, tellingHeaders } from './client.js';
import { DeadLetterScene } from './dead-letter-scene.js';
import type { GatewayUnderTest } from './gateway-under-test.js';
import { measureScaling } from './measure-scaling.js';
import { type CallerName, pageVerdicts } from './route-verdicts.js';

const unknown = '019a0000-0000-7000-8000-000000000000';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What is uploaded, and its hash. */
const file = [{ id: 1 }];
const fileHash = createHash('sha256').update(JSON.stringify(file)).digest('hex');

const task = { task_type: 'analytics', payload: { operation: 'query' } };

const schedule = { when: { kind: 'cron', expression: '0 6 * * *' }, task };
const hook = { on: { kind: 'task.failed' }, task };
const workflow = { steps: [{ name: 'one', task_type: 'analytics', payload: { operation: 'query' } }] };

/** What a route needs to be allowed, where that is more than nothing. */
const bodies: Readonly<Record<string, object>> = {
  'post /api/v1/approvals/{id}/delegate': { to: 'grace@example.com' },
  'patch /api/v1/destinations/{id}': { quiet: null },
  'patch /api/v1/tasks/{id}': { priority: 'high' },
  'patch /api/v1/uploads/{sha256}': file,
  'post /api/v1/datasets/{name}': { upload: fileHash },
  'put /api/v1/datasets/{name}': file,
  'post /api/v1/dead-letters/discard': { filter: {}, reason: 'old' },
  'post /api/v1/dead-letters/replay': { filter: {} },
  'post /api/v1/dead-letters/{id}/discard': { reason: 'old' },
  'post /api/v1/destinations': { name: 'new', kind: 'email', to: 'new@example.com' },
  'post /api/v1/destinations/confirm': { code: 'A'.repeat(20) },
  'post /api/v1/incidents/{id}/silence': { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'known' },
  'post /api/v1/keys': { name: 'ci', role: 'viewer' },
  'post /api/v1/keys/{id}/rotate': { overlap_s: 0 },
  'post /api/v1/mcp/tools/{name}/call': { arguments: {} },
  'post /api/v1/mcp/pins/approve': { server: 'plain', tool: 'echo', digest: '0'.repeat(64) },
  'post /api/v1/memories': { type: 'fact', content: 'The sky is blue' },
  'post /api/v1/memories/search': { text: 'sky' },
  'post /api/v1/schedules/preview': { when: schedule.when },
  'post /api/v1/schedules/{name}/backfill': { from: '2026-11-01T00:00:00Z', to: '2026-11-01T03:00:00Z' },
  'post /api/v1/tasks': task,
  'post /api/v1/tasks/batch': { tasks: [task] },
  'post /api/v1/tasks/{id}/signals/{name}': { speed: 3 },
  'put /api/v1/schedules/{name}': schedule,
  'post /api/v1/hooks/{name}': { what: 'happened' },
  'put /api/v1/hooks/{name}': hook,
  'post /api/v1/runs/{id}/rerun': { from: 'one' },
  'post /api/v1/workflows/plan': workflow,
  'put /api/v1/workflows/{name}': workflow,
  'put /api/v1/secrets/{name}': { value: 'a secret value' },
  'put /api/v1/settings/{name}': { value: [{ host: 'api.example.com' }] },
};

/** What a route needs in its query. */
const queries: Readonly<Record<string, string>> = {
  'delete /api/v1/memories': '?subject=nobody',
  'get /api/v1/workflows/{name}/diff': '?from=1&to=1',
};

// Nothing that the tasks here wait for.
const names: Readonly<Record<string, string>> = {
  artifacts: 'chart.png',
  agents: 'maya',
  datasets: 'sales',
  hooks: 'failures',
  schedules: 'nightly',
  secrets: 'billing',
  servers: 'plain',
  settings: 'allowed-hosts',
  'task-types': 'testing',
  tools: 'plain__echo',
  workflows: 'figures',
};

const withNames = (path: string): string =>
  path.replace(/([\w-]+)\/\{name\}/, (_, kind: string) => `${kind}/${names[kind] ?? 'unknown'}`);

/** A browser has one session: these end the one that it came with. */
const endsSession: ReadonlySet<string> = new Set(['post /api/v1/sessions', 'delete /api/v1/sessions/current']);

export interface Told {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

/** Every caller there is, and a tenant whose things the routes are asked for. */
export class RouteScene {
  /** Ids of all that belongs to the tenant, which no other one may read. */
  readonly owned: string[] = [];
  /** Of the dataset that was made last. */
  private version = 1;
  private readonly pages = new Map<CallerName, Promise<Client>>();

  private constructor(
    private readonly gateway: GatewayUnderTest,
    private readonly owner: DeadLetterScene,
    private readonly clients: Readonly<Record<CallerName, Client>>,
  ) {}

  static async at(gateway: GatewayUnderTest): Promise<RouteScene> {
    const owner = await DeadLetterScene.at(gateway, 'owner');
    const of = async (role: RoleName): Promise<Client> => (await gateway.client('owner', { role })).client;
    const bounds = { role: 'operator', allowedTaskTypes: ['testing'] } as const;
    const scene = new RouteScene(gateway, owner, {
      nobody: gateway.stranger,
      viewer: await of('viewer'),
      operator: await of('operator'),
      approver: await of('approver'),
      admin: owner.client,
      service: (await gateway.client('owner', bounds)).client,
      stranger: (await gateway.client('stranger')).client,
      'of-all-viewer': (await gateway.operator('viewer')).client,
      'of-all-operator': (await gateway.operator('operator')).client,
      'of-all-admin': (await gateway.operator('admin')).client,
    });
    for (const kind of ['keys', 'dead-letters', 'memories', 'tasks']) await scene.fresh(`get /api/v1/${kind}/{id}`);
    return scene;
  }

  /** Asks for something of the owner's that was made for this. */
  async ask(caller: CallerName, route: string): Promise<Told> {
    return this.askFor(this.clients[caller], route, await this.fresh(route));
  }

  /** The same, as a page that the caller has logged in on. */
  async askAsPage(caller: CallerName, route: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const page = await this.pageOf(caller, route);
    return this.askFor(page, route, await this.fresh(route), { body: this.bodyFor(route), headers });
  }

  /** The same with a body and headers of one's own. */
  async askWith(caller: CallerName, route: string, call: Pick<Call, 'body' | 'headers'>): Promise<Told> {
    const client = pageVerdicts[route] === undefined ? this.clients[caller] : await this.pageOf(caller, route);
    return this.askFor(client, route, await this.fresh(route), call);
  }

  /** What the stranger is told of something of the owner's, and of what nobody has. */
  async askStranger(route: string): Promise<readonly [Told, Told]> {
    const id = await this.fresh(route);
    const { stranger } = this.clients;
    return [await this.askFor(stranger, route, id), await this.askFor(stranger, route, unknown)];
  }

  /** One session of each caller, and another one for a route that ends it. */
  private pageOf(caller: CallerName, route: string): Promise<Client> {
    const page = this.pages.get(caller) ?? this.clients[caller].logIn();
    if (endsSession.has(route)) this.pages.delete(caller);
    else this.pages.set(caller, page);
    return page;
  }

  private async askFor(
    client: Client,
    route: string,
    id: string,
    { body = this.bodyFor(route), headers: more = {} }: Pick<Call, 'body' | 'headers'> = {},
  ): Promise<Told> {
    const [method = '', path = ''] = route.split(' ');
    const named = path
      .replace('{id}', id)
      .replace('{sha256}', fileHash)
      .replace('{version}', String(this.version))
      .replace('{agent}', 'dash')
      .replace('{step}', 'one');
    const place = `${withNames(named)}${queries[route] ?? ''}`;
    const response = await client.fetch(place, {
      method: method.toUpperCase(),
      headers: { traceparent, 'upload-offset': '0', ...more },
      ...(body !== undefined && { body }),
    });
    const headers = tellingHeaders(response);
    return { status: response.status, headers, text: (await textOf(response)).replaceAll(id, 'ID') };
  }

  private bodyFor(route: string): object | undefined {
    return route === 'post /api/v1/sessions' ? { key: this.clients.viewer.key } : bodies[route];
  }

  private async fresh(route: string): Promise<string> {
    const id = await this.made(route);
    if (id !== undefined) this.owned.push(id);
    return id ?? unknown;
  }

  private async made(route: string): Promise<string | undefined> {
    if (route.includes('/approvals')) return this.approval();
    if (route.includes('/keys/{id}')) return (await this.gateway.client('owner', { role: 'viewer' })).keyId;
    if (route.includes('/sessions/{id}')) return this.session();
    if (route.includes('/settings/{name}')) await this.setting();
    if (route.includes('/schedules/{name}')) await this.schedule();
    if (route.includes('/hooks/{name}')) await this.hook();
    if (route.includes('/secrets/{name}')) await this.secret();
    if (route.includes('/datasets/{name}')) await this.dataset();
    if (route.startsWith('get') && route.includes('/workflows/{name}')) await this.workflow();
    if (route.includes('/runs/{id}')) return this.run();
    if (route === 'get /api/v1/uploads/{sha256}') await this.upload();
    if (route.includes('/scaling/')) await this.measured();
    if (route.includes('/destinations')) return this.destination();
    if (route.includes('/deliveries/{id}')) return this.delivery();
    if (route.includes('/incidents/{id}')) return this.incident();
    if (route.includes('/dead-letters/{id}')) return (await this.owner.failed()).dead_letter_id;
    if (route.includes('/memories/{id}')) return this.remembered();
    if (route.includes('/mcp/calls/{id}')) return this.toolCall();
    if (route.includes('/conversations/{id}')) return this.conversation();
    if (route === 'patch /api/v1/tasks/{id}') return this.clients.admin.submit(task);
    return route.includes('/tasks/{id}') ? this.runningTask() : undefined;
  }

  /** Asked by the operator; the approvers and administrators are named. */
  private async approval(): Promise<string> {
    const { tenantId } = this.owner;
    const named = await this.gateway.database.query<{ id: string }>(
      `select key_id as id from api_key where tenant_id = $1 and role in ('approver', 'admin') order by key_id limit 20`,
      [tenantId],
    );
    const rules = { persons: named.map(({ id }) => id) };
    const asked = await submitAndAsk(this.gateway, { client: this.clients.operator, tenantId }, { rules });
    return asked.approvalId;
  }

  /** As a router does. */
  private async measured(): Promise<void> {
    await measureScaling(this.gateway, this.clients['of-all-viewer']);
  }

  private async schedule(): Promise<void> {
    await this.owner.client.call('/api/v1/schedules/nightly', { method: 'PUT', body: schedule });
  }

  private async hook(): Promise<void> {
    await this.owner.client.call('/api/v1/hooks/failures', { method: 'PUT', body: hook });
  }

  /** The only one of each owner: a name can be made again. */
  private async destination(): Promise<string> {
    const { database } = this.gateway;
    await database.query('delete from destination');
    const [row] = await database.query<{ id: string }>(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       values ($1, 'ops', 'email', '{"to": "ops@example.com"}', now(), 'test') returning destination_id as id`,
      [this.owner.tenantId],
    );
    return row?.id ?? unknown;
  }

  /** One that has ended. */
  private async delivery(): Promise<string> {
    const [row] = await this.gateway.database.query<{ id: string }>(
      `with n as (insert into notification (tenant_id, kind, content) values ($1, 'test', '{}') returning *)
       insert into notification_delivery (tenant_id, notification_id, destination_id, message_id, state)
       select tenant_id, notification_id, $2, notification_id, 'delivered' from n returning delivery_id as id`,
      [this.owner.tenantId, await this.destination()],
    );
    return row?.id ?? unknown;
  }

  private async incident(): Promise<string> {
    const [row] = await this.gateway.database.query<{ id: string }>(
      `insert into incident (key, kind, subject, severity, told_severity, summary)
       values (pulser.new_id()::text, 'budget', 'a', 'info', 'info', 'a') returning incident_id as id`,
    );
    return row?.id ?? unknown;
  }

  private async dataset(): Promise<void> {
    const taskId = await this.clients.admin.submit(task);
    const claim = await this.gateway.worker.claim(this.owner.tenantId, taskId);
    ({ version: this.version } = await this.gateway.worker.makeDataset(this.owner.tenantId, claim, 'sales'));
  }

  private async workflow(): Promise<void> {
    await this.clients.admin.call('/api/v1/workflows/figures', { method: 'PUT', body: workflow });
  }

  /** One that has ended. */
  private async run(): Promise<string> {
    const taskId = await this.clients.admin.submit(task);
    await this.gateway.database.query(
      `with run as (
         insert into workflow_run (tenant_id, task_id, definition, inputs, priority) values ($1, $2, $3, '{}', 'medium')
       ), step as (
         insert into workflow_step (tenant_id, run_id, name, position) values ($1, $2, 'one', 0)
       )
       update task_queue set status = 'completed', completed_at = now(), due_at = null where tenant_id = $1 and task_id = $2`,
      [this.owner.tenantId, taskId, JSON.stringify(WorkflowDefinition.parse(workflow))],
    );
    return taskId;
  }

  private async upload(): Promise<void> {
    const call = { method: 'PATCH', body: file, headers: { 'upload-offset': '0' } };
    await this.clients.admin.call(`/api/v1/uploads/${fileHash}`, call);
  }

  private async remembered(): Promise<string> {
    const body = { type: 'fact', content: `Number ${crypto.randomUUID()}`, subject: 'number' };
    return (await this.clients.admin.call<{ memory_id: string }>('/api/v1/memories', { body })).body.memory_id;
  }

  private async toolCall(): Promise<string> {
    const [row] = await this.gateway.database.query<{ call_id: string }>(
      `insert into tool_call (tenant_id, call_id, tool, arguments, arguments_hash, outcome)
       values ($1, pulser.new_id(), 'plain__echo', '{}', '\\x0a', 'done') returning call_id`,
      [this.owner.tenantId],
    );
    return row?.call_id ?? '';
  }

  /** Called by the id of the task that asked. */
  private async conversation(): Promise<string> {
    const taskId = await this.clients.admin.submit(task);
    await this.gateway.database.query(
      `insert into conversation_turn (tenant_id, conversation_id, agent, task_id, question, answer)
       values ($1, $2, 'dash', $3, 'Why?', 'Because.')`,
      [this.owner.tenantId, taskId, taskId],
    );
    return taskId;
  }

  private async session(): Promise<string> {
    const { key } = this.clients.admin;
    const answer = await this.gateway.stranger.call<{ session_id: string }>('/api/v1/sessions', { body: { key } });
    return answer.body.session_id;
  }

  private async setting(): Promise<void> {
    const body = { value: [{ host: 'api.example.com' }] };
    await this.clients.admin.call('/api/v1/settings/allowed-hosts', { method: 'PUT', body });
  }

  private async secret(): Promise<void> {
    const body = { value: 'a secret value' };
    await this.clients.admin.call('/api/v1/secrets/billing', { method: 'PUT', body });
  }

  private async runningTask(): Promise<string> {
    const taskId = await this.clients.admin.submit(task);
    const claim = await this.gateway.worker.claim(this.owner.tenantId, taskId);
    const chart = { name: 'chart.png', mediaType: 'image/png', content: Buffer.from('png') };
    await this.gateway.worker.artifacts.put(claim, chart);
    return taskId;
  }
}

/** A stream of events has no end: that it began is enough. */
const textOf = async (response: Response): Promise<string> => {
  if (response.headers.get('content-type') !== 'text/event-stream') return response.text();
  await response.body?.cancel();
  return '';
};
