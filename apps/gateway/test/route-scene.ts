import type { RoleName } from '@pulser/contracts';

import { type Call, type Client, tellingHeaders } from './client.js';
import { DeadLetterScene } from './dead-letter-scene.js';
import type { GatewayUnderTest } from './gateway-under-test.js';
import type { CallerName } from './route-verdicts.js';

const unknown = '019a0000-0000-7000-8000-000000000000';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const task = { task_type: 'analytics', payload: { operation: 'query' } };

/** What a route needs to be allowed, where that is more than nothing. */
const bodies: Readonly<Record<string, object>> = {
  'post /api/v1/dead-letters/discard': { filter: {}, reason: 'old' },
  'post /api/v1/dead-letters/replay': { filter: {} },
  'post /api/v1/dead-letters/{id}/discard': { reason: 'old' },
  'post /api/v1/keys': { name: 'ci', role: 'viewer' },
  'post /api/v1/keys/{id}/rotate': { overlap_s: 0 },
  'post /api/v1/tasks': task,
  'post /api/v1/tasks/batch': { tasks: [task] },
};

// Nothing that the tasks here wait for.
const names: Readonly<Record<string, string>> = { artifacts: 'chart.png', agents: 'maya', 'task-types': 'testing' };

const withNames = (path: string): string =>
  path.replace(/([\w-]+)\/\{name\}/, (_, kind: string) => `${kind}/${names[kind] ?? 'unknown'}`);

export interface Told {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

/** Every caller there is, and a tenant whose things the routes are asked for. */
export class RouteScene {
  /** Ids of all that belongs to the tenant, which no other one may read. */
  readonly owned: string[] = [];

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
    });
    for (const kind of ['keys', 'dead-letters', 'tasks']) await scene.fresh(`get /api/v1/${kind}/{id}`);
    return scene;
  }

  /** Asks for something of the owner's that was made for this. */
  async ask(caller: CallerName, route: string): Promise<Told> {
    return this.askFor(caller, route, await this.fresh(route));
  }

  /** The same with a body and headers of one's own. */
  async askWith(caller: CallerName, route: string, call: Pick<Call, 'body' | 'headers'>): Promise<Told> {
    return this.askFor(caller, route, await this.fresh(route), call);
  }

  /** What the stranger is told of something of the owner's, and of what nobody has. */
  async askStranger(route: string): Promise<readonly [Told, Told]> {
    const id = await this.fresh(route);
    return [await this.askFor('stranger', route, id), await this.askFor('stranger', route, unknown)];
  }

  private async askFor(
    caller: CallerName,
    route: string,
    id: string,
    { body = bodies[route], headers: more = {} }: Pick<Call, 'body' | 'headers'> = {},
  ): Promise<Told> {
    const [method = '', path = ''] = route.split(' ');
    const response = await this.clients[caller].fetch(withNames(path.replace('{id}', id)), {
      method: method.toUpperCase(),
      headers: { traceparent, ...more },
      ...(body !== undefined && { body }),
    });
    const headers = tellingHeaders(response);
    return { status: response.status, headers, text: (await textOf(response)).replaceAll(id, 'ID') };
  }

  private async fresh(route: string): Promise<string> {
    const id = await this.made(route);
    if (id !== undefined) this.owned.push(id);
    return id ?? unknown;
  }

  private async made(route: string): Promise<string | undefined> {
    if (route.includes('/keys/{id}')) return (await this.gateway.client('owner', { role: 'viewer' })).keyId;
    if (route.includes('/dead-letters/{id}')) return (await this.owner.failed()).dead_letter_id;
    return route.includes('/tasks/{id}') ? this.runningTask() : undefined;
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
