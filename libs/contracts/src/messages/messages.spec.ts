import { type MessageKey, messages } from './messages.js';

const task_id = '019a0000-0000-7000-8000-000000000001';
const tenant_id = '019a0000-0000-7000-8000-000000000002';
const fact = { task_id, tenant_id, task_type: 'analytics', agent: 'dash', attempt: 1 };

/** Messages of version 1 as they were written, with the fewest fields. Never change one: services still send them. */
const version1: Readonly<Record<MessageKey, unknown>> = {
  'task.submit': { task_type: 'analytics', payload: { operation: 'query' } },
  'tasks.submitted': [{ task_id, tenant_id, task_type: 'analytics', priority: 'high' }],
  'task.dispatch': [{ task_id, tenant_id, task_type: 'analytics', nudge: 7 }],
  'task.queued': [{ ...fact, status: 'queued' }],
  'tasks.unlisted': [{ tenant_id, status: 'queued', tasks: 3 }],
  'task.started': [fact],
  'task.progress': [fact],
  'task.retrying': [{ ...fact, code: 'handler_failed' }],
  'task.completed': [fact],
  'task.failed': [{ ...fact, code: 'worker_lost' }],
  'task.cancelled': [fact],
  'steps.ended': [{ tenant_id: fact.tenant_id, task_id: fact.task_id, run_id: fact.task_id }],
  'agent.heartbeat': {
    agent: 'dash',
    instance: 'dash-1',
    slots: 4,
    running: 0,
    finished_total: 0,
    failed_total: 0,
    at: '2026-11-23T10:00:00.000Z',
  },
  'agent.health-changed': {
    agent: 'dash',
    status: 'unhealthy',
    reasons: ['no worker was heard of for 12 s'],
    share: 0,
    stand_in: 'data_fabcon',
    epoch: 3,
    at: '2026-11-29T10:00:00.000Z',
  },
  'dispatch.reported': {
    gateway: 'gateway-1',
    wanted: ['analytics'],
    sent: [{ agent: 'dash', priority: 'high', tasks: 3, messages: 1 }],
    totals: [{ agent: 'dash', tasks: 7 }],
  },
  'dispatch.granted': {
    router: 'router-1',
    grants: [
      {
        gateway: 'gateway-1',
        agent: 'dash',
        task_types: ['analytics'],
        until: { high: 9, medium: 8, low: 7 },
        tasks_per_message: 32,
      },
    ],
  },
  'streams.reported': { gateway: 'gateway-1' },
  'tenant.changed': { tenant_id, what: ['pauses'] },
  'scaling.measured': [
    {
      agent: 'dash',
      desired_workers: 2,
      desired_slots: 8,
      workers: 1,
      slots: 4,
      busy: 4,
      waiting: 90,
      oldest_wait_s: 25.5,
      objective_s: 10,
    },
  ],
  'dead-letters.threshold-exceeded': {
    task_type: 'analytics',
    agent: 'dash',
    count: 51,
    window_s: 300,
    top_fingerprint: '0123456789abcdef',
  },
  'tool.call': {
    call_id: task_id,
    caller: { kind: 'task', task_id, tenant_id, epoch: 1 },
    tool: 'github__repo_get',
    arguments: { owner: 'octocat' },
  },
  'tools.read': { what: 'servers' },
  'tools.review': { server: 'files', tool: 'read', digest: '0'.repeat(64), by: 'ada' },
  'tool.cancelled': { call_id: task_id },
  'mcp.heartbeat': {
    instance: 'mcp-coordinator-1',
    servers: [{ name: 'github', state: 'ready', last_error: null, quarantined: ['pr_merge'] }],
  },
  'mcp.server-changed': {
    name: 'github',
    state: 'ready',
    since: null,
    tools: 18,
    last_error: null,
    instance: 'mcp-coordinator-1',
    at: '2026-11-29T10:00:00.000Z',
  },
};

const keys = Object.keys(messages) as MessageKey[];

const withMore = (body: unknown): unknown =>
  Array.isArray(body) ? body.map(withMore) : { ...(body as object), said_by_the_next_version: true };

describe('a message', () => {
  it.each(keys)('%s of the first version is still read', (key) => {
    expect(messages[key].body.safeParse(version1[key]).success).toBe(true);
  });

  it.each(keys.filter((key) => key !== 'task.submit'))('%s of the next version is read without what is new', (key) => {
    const { data } = messages[key].body.safeParse(withMore(version1[key]));
    expect(data).toEqual(messages[key].body.parse(version1[key]));
  });
});
