import { httpErrors, messages, SubmitTask } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Json }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly examples?: Json }>> };
}

interface OpenApi {
  readonly openapi: string;
  readonly security: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Json; readonly securitySchemes: Json };
}

const references = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);

const at = (document: unknown, reference: string): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Json | undefined)?.[key], document);

describe('the documentation', () => {
  let gateway: GatewayUnderTest;
  let stranger: Client;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ stranger } = gateway);
  });

  const openApi = async (): Promise<OpenApi> => (await stranger.get<OpenApi>('/docs-json')).body;

  const operations = async (): Promise<[string, Operation][]> =>
    Object.entries((await openApi()).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    );

  it('has a schema and an example for the payload of each operation', async () => {
    const document = await openApi();
    expect(at(document, '#/components/schemas/Payload_analytics_query')).toEqual({
      title: 'Payload_analytics_query',
      description: 'Runs SQL',
      type: 'object',
      example: { operation: 'query' },
    });
    expect(at(document, '#/components/schemas/SubmitTask/properties/payload')).toMatchObject({
      anyOf: ['analytics_query', 'data_pipeline_ingest', 'data_pipeline_export'].map((name) => ({
        $ref: `#/components/schemas/Payload_${name}`,
      })),
    });
  });

  it('names every route of the API', async () => {
    expect((await operations()).map(([route]) => route).sort()).toEqual([
      'delete /api/v1/conversations/{id}',
      'delete /api/v1/datasets/{name}',
      'delete /api/v1/datasets/{name}/versions/{version}',
      'delete /api/v1/destinations/{id}',
      'delete /api/v1/hooks/{name}',
      'delete /api/v1/incidents/{id}/silence',
      'delete /api/v1/keys/{id}',
      'delete /api/v1/memories',
      'delete /api/v1/memories/{id}',
      'delete /api/v1/schedules/{name}',
      'delete /api/v1/secrets/{name}',
      'delete /api/v1/sessions/current',
      'delete /api/v1/sessions/{id}',
      'delete /api/v1/settings/{name}',
      'get /api/v1/agents',
      'get /api/v1/agents/{agent}',
      'get /api/v1/agents/{agent}/health',
      'get /api/v1/approvals',
      'get /api/v1/approvals/{id}',
      'get /api/v1/audit',
      'get /api/v1/audit/verdict',
      'get /api/v1/conversations',
      'get /api/v1/conversations/{id}',
      'get /api/v1/datasets',
      'get /api/v1/datasets/{name}',
      'get /api/v1/datasets/{name}/versions/{version}',
      'get /api/v1/datasets/{name}/versions/{version}/content',
      'get /api/v1/datasets/{name}/versions/{version}/rows',
      'get /api/v1/dead-letters',
      'get /api/v1/dead-letters/groups',
      'get /api/v1/dead-letters/{id}',
      'get /api/v1/destinations',
      'get /api/v1/destinations/{id}',
      'get /api/v1/destinations/{id}/deliveries',
      'get /api/v1/events',
      'get /api/v1/hooks',
      'get /api/v1/hooks/{name}',
      'get /api/v1/hooks/{name}/firings',
      'get /api/v1/incidents',
      'get /api/v1/incidents/{id}',
      'get /api/v1/installation/audit',
      'get /api/v1/installation/audit/verdict',
      'get /api/v1/installation/pauses',
      'get /api/v1/keys',
      'get /api/v1/mcp/calls',
      'get /api/v1/mcp/calls/{id}',
      'get /api/v1/mcp/pins',
      'get /api/v1/mcp/servers',
      'get /api/v1/mcp/servers/{name}',
      'get /api/v1/mcp/tools',
      'get /api/v1/mcp/tools/{name}',
      'get /api/v1/me',
      'get /api/v1/memories',
      'get /api/v1/memories/models',
      'get /api/v1/memories/{id}',
      'get /api/v1/pauses',
      'get /api/v1/quotas',
      'get /api/v1/runs',
      'get /api/v1/runs/{id}',
      'get /api/v1/runs/{id}/steps/{step}/tasks',
      'get /api/v1/scaling/{agent}',
      'get /api/v1/schedules',
      'get /api/v1/schedules/{name}',
      'get /api/v1/schedules/{name}/fires',
      'get /api/v1/secrets',
      'get /api/v1/sessions',
      'get /api/v1/sessions/oidc/callback',
      'get /api/v1/sessions/oidc/start',
      'get /api/v1/sessions/ways',
      'get /api/v1/settings',
      'get /api/v1/settings/{name}',
      'get /api/v1/spend',
      'get /api/v1/status',
      'get /api/v1/task-types',
      'get /api/v1/tasks',
      'get /api/v1/tasks/{id}',
      'get /api/v1/tasks/{id}/artifacts',
      'get /api/v1/tasks/{id}/artifacts/{name}',
      'get /api/v1/tasks/{id}/events',
      'get /api/v1/tasks/{id}/explain',
      'get /api/v1/tasks/{id}/spend',
      'get /api/v1/tasks/{id}/trace',
      'get /api/v1/tasks/{id}/waits',
      'get /api/v1/telemetry/depth',
      'get /api/v1/telemetry/errors',
      'get /api/v1/telemetry/health',
      'get /api/v1/telemetry/latency',
      'get /api/v1/telemetry/throughput',
      'get /api/v1/uploads/{sha256}',
      'get /api/v1/workflows',
      'get /api/v1/workflows/{name}',
      'get /api/v1/workflows/{name}/diff',
      'get /api/v1/workflows/{name}/graph',
      'patch /api/v1/destinations/{id}',
      'patch /api/v1/tasks/{id}',
      'patch /api/v1/uploads/{sha256}',
      'post /api/v1/agents/{name}/pause',
      'post /api/v1/agents/{name}/resume',
      'post /api/v1/approvals/{id}/approve',
      'post /api/v1/approvals/{id}/delegate',
      'post /api/v1/approvals/{id}/deny',
      'post /api/v1/datasets/{name}',
      'post /api/v1/dead-letters/discard',
      'post /api/v1/dead-letters/replay',
      'post /api/v1/dead-letters/{id}/discard',
      'post /api/v1/dead-letters/{id}/reopen',
      'post /api/v1/dead-letters/{id}/replay',
      'post /api/v1/deliveries/{id}/redeliver',
      'post /api/v1/destinations',
      'post /api/v1/destinations/confirm',
      'post /api/v1/destinations/{id}/test',
      'post /api/v1/hooks/{name}',
      'post /api/v1/incidents/{id}/acknowledge',
      'post /api/v1/incidents/{id}/silence',
      'post /api/v1/installation/agents/{name}/pause',
      'post /api/v1/installation/agents/{name}/resume',
      'post /api/v1/installation/task-types/{name}/pause',
      'post /api/v1/installation/task-types/{name}/resume',
      'post /api/v1/keys',
      'post /api/v1/keys/{id}/rotate',
      'post /api/v1/mcp/pins/approve',
      'post /api/v1/mcp/tools/{name}/call',
      'post /api/v1/memories',
      'post /api/v1/memories/search',
      'post /api/v1/runs/{id}/rerun',
      'post /api/v1/schedules/preview',
      'post /api/v1/schedules/{name}/backfill',
      'post /api/v1/schedules/{name}/pause',
      'post /api/v1/schedules/{name}/resume',
      'post /api/v1/schedules/{name}/trigger',
      'post /api/v1/sessions',
      'post /api/v1/task-types/{name}/pause',
      'post /api/v1/task-types/{name}/resume',
      'post /api/v1/tasks',
      'post /api/v1/tasks/batch',
      'post /api/v1/tasks/{id}/cancel',
      'post /api/v1/tasks/{id}/signals/{name}',
      'post /api/v1/workflows/plan',
      'put /api/v1/datasets/{name}',
      'put /api/v1/hooks/{name}',
      'put /api/v1/schedules/{name}',
      'put /api/v1/secrets/{name}',
      'put /api/v1/settings/{name}',
      'put /api/v1/workflows/{name}',
    ]);
  });

  it('says of each what it is for, what it answers and how it refuses', async () => {
    const documented = await operations();
    expect(new Set(documented.map(([, { operationId }]) => operationId)).size).toBe(documented.length);
    for (const [route, { summary, tags, responses }] of documented) {
      expect([route, summary !== '', tags.length]).toEqual([route, true, 1]);
      const problems = Object.entries(responses).filter(([status]) => Number(status) >= 400);
      expect(problems.map(([status]) => status)).toEqual(expect.arrayContaining(['401', '500', '503']));
      for (const [, { content }] of problems) expect(content).toHaveProperty(['application/problem+json']);
      // A login at the identity provider leads on to another page.
      expect(Object.keys(responses).some((status) => /^(?:2|303)/.test(status))).toBe(true);
    }
  });

  it('knows every parameter that a route takes', async () => {
    const parameters = Object.fromEntries(
      (await operations()).map(([route, operation]) => [route, operation.parameters.map(({ name }) => name).sort()]),
    );
    expect(parameters).toMatchObject({
      'post /api/v1/tasks': ['Idempotency-Key', 'dry_run'],
      'get /api/v1/tasks': [
        ...[
          'agent',
          'created_after',
          'created_before',
          'cursor',
          'error_code',
          'format',
          'label',
          'limit',
          'operation',
        ],
        ...['parent_id', 'priority', 'q', 'status', 'submitted_by', 'task_type'],
      ],
      'get /api/v1/tasks/{id}': ['id', 'wait'],
      'get /api/v1/tasks/{id}/events': ['Last-Event-ID', 'id', 'last_event_id'],
      'get /api/v1/tasks/{id}/artifacts/{name}': ['If-None-Match', 'If-Range', 'Range', 'id', 'name'],
      'put /api/v1/datasets/{name}': ['Content-Digest', 'Idempotency-Key', 'format', 'name', 'options'],
      'patch /api/v1/uploads/{sha256}': ['Upload-Complete', 'Upload-Offset', 'sha256'],
      'put /api/v1/settings/{name}': ['If-Match', 'If-None-Match', 'name'],
      'delete /api/v1/settings/{name}': ['If-Match', 'name'],
    });
  });

  it('is whole: every reference leads somewhere, and every route needs the key', async () => {
    const document = await openApi();
    expect(document.openapi).toBe('3.1.0');
    for (const reference of references(document)) expect([reference, at(document, reference)]).not.toContain(undefined);
    expect(document.security).toEqual([{ api_key: [] }]);
    expect(document.components.securitySchemes).toMatchObject({ api_key: { type: 'http', scheme: 'bearer' } });
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['SubmitTask', 'AcceptedTask', 'BatchAnswer', 'Task', 'TaskPage', 'TaskEvent', 'Problem']),
    );
  });

  it('shows a submission that is accepted as it is', async () => {
    const examples = (await openApi()).paths['/api/v1/tasks']?.['post']?.requestBody?.content['application/json'];
    const { value } = examples?.examples?.['analytics'] as { value: object };
    const { client } = await gateway.client();
    expect((await client.call('/api/v1/tasks', { body: value })).status).toBe(202);
  });

  it('is a page that needs nothing from elsewhere and runs no script that its policy forbids', async () => {
    const page = await stranger.fetch('/docs');
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, path = '']) => path);
    expect(page.headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self'; (?!.*unsafe-inline)/,
    );
    expect(html).not.toMatch(/(?:src|href)=["']https?:/);
    expect([...html.matchAll(/<script(?![^>]*src)[^>]*>\s*\S/g)]).toEqual([]);
    expect(assets.length).toBeGreaterThan(3);
    const answers = await Promise.all(assets.map((path) => stranger.fetch(new URL(path, 'http://x/docs').pathname)));
    expect(answers.map(({ status }) => status)).toEqual(assets.map(() => 200));
  });

  it('is where the root leads: browsers to the page, programs to its links', async () => {
    const { status, body } = await stranger.get<{ links: Record<string, string> }>('/');
    expect([status, body.links]).toMatchObject([200, { docs: '/docs', openapi: '/docs-json', health: '/health' }]);
    const open = Object.values(body.links).filter((link) => !/^\/(?:api|ui)\//.test(link));
    for (const link of open) expect([link, (await stranger.fetch(link)).status]).toEqual([link, 200]);
    const page = await stranger.fetch('/', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(new URL(page.url).pathname).toBe('/ui/');
  });

  it('explains every code of a problem where the problem points to', async () => {
    const { body } = await stranger.get<{ type: string }>('/api/v1/tasks');
    const [path = '', anchor = ''] = body.type.split('#');
    const html = await (await stranger.fetch(path)).text();
    expect(html).toContain(`id="${anchor}"`);
    for (const code of Object.keys(httpErrors)) expect(html).toContain(`id="${code}"`);
  });
});

describe('the documentation of the messages', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  const asyncApi = async () =>
    (
      await gateway.stranger.get<{
        asyncapi: string;
        channels: Record<string, { bindings: { amqp: { exchange: { name: string; type: string } } } }>;
        operations: Record<string, { action: string }>;
        components: { messages: Record<string, { examples?: { headers: object; payload: unknown }[] }> };
      }>('/docs/asyncapi.json')
    ).body;

  it('names every message with its exchange, and every reference leads somewhere', async () => {
    const document = await asyncApi();
    expect(document.asyncapi).toBe('3.0.0');
    for (const [key, { exchange }] of Object.entries(messages)) {
      expect(document.channels[key]?.bindings.amqp.exchange).toMatchObject({
        name: exchange.name,
        type: exchange.kind,
      });
      expect(document.components.messages).toHaveProperty([key, 'payload']);
    }
    for (const reference of references(document)) expect([reference, at(document, reference)]).not.toContain(undefined);
  });

  it('shows a producer how to send a task', async () => {
    const { operations, components } = await asyncApi();
    const [example] = components.messages['task.submit']?.examples ?? [];
    expect(operations['task.submit']).toMatchObject({
      action: 'receive',
      description: expect.stringContaining('message_id') as string,
    });
    expect(example?.headers).toHaveProperty('pulser-api-key');
    expect(SubmitTask.safeParse(example?.payload).success).toBe(true);
  });
});
