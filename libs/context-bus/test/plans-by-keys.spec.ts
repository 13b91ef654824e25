import type { Database, Statement } from '@pulser/database';
import type { TestDatabase } from '@pulser/testing';

import { TaskClaims, TaskEffects, TaskReads, TaskResults, UnclaimedTasks } from '../src/index.js';
import { TaskLife } from './task-life.js';

interface Node {
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Node[];
}

interface Explained extends Record<string, unknown> {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

const scansOf = (node: Node): Node[] => [
  ...('Index Cond' in node || 'Relation Name' in node ? [node] : []),
  ...(node.Plans ?? []).flatMap(scansOf),
];

// By an equality with a key of another row, not with a parameter.
const isLookUp = (node: Node): boolean =>
  /\(tenant_id = \w+\.tenant_id\) AND \((parent_id|task_id) = \w+\.task_id\)/.test(node['Index Cond'] ?? '');

/** Finds out how a statement will be run for as long as its connection lives, and answers with no rows. */
class Planning {
  scans: Node[] = [];

  constructor(private readonly server: TestDatabase) {}

  async query({ text }: Statement): Promise<[]> {
    const [row] = await this.server.query<Explained>(`explain (generic_plan, format json) ${text}`);
    this.scans = scansOf(row?.['QUERY PLAN'][0]?.Plan ?? {});
    return [];
  }

  queryAs(_tenantId: string, wanted: Statement): Promise<[]> {
    return this.query(wanted);
  }
}

describe('a plan that is made while there are no tasks', () => {
  let life: TaskLife;
  let planning: Planning;
  let database: Database;

  beforeAll(async () => {
    life = await TaskLife.start();
    planning = new Planning(life.server);
    database = planning as unknown as Database;
  });

  afterAll(() => life.stop());

  const task = { tenantId: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6b', taskId: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6a' };
  const ref = { ...task, epoch: 1 };
  const claims = (): TaskClaims => new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
  const unclaimed = (): UnclaimedTasks => new UnclaimedTasks(database, { agent: 'dash', worker: 'dash-1' });
  const error = { code: 'handler_failed', message: 'x', permanent: false } as const;

  it.each<[string, () => Promise<unknown>]>([
    ['claiming', () => claims().claim({ ...task, dispatchId: 1, wantsPayload: true })],
    ['renewing', () => claims().renew([ref])],
    ['releasing', () => claims().release([ref])],
    ['completing', () => new TaskResults(database).complete(ref, {})],
    ['completing without a claim', () => unclaimed().complete({ ...task, dispatchId: 1, since: 0, result: {} })],
    ['failing', () => new TaskResults(database).fail(ref, error)],
    ['beginning an effect', () => new TaskEffects(database).begin(ref, 'k')],
    ['finishing an effect', () => new TaskEffects(database).finish(ref, 'k', '{}')],
    ['reading', () => new TaskReads(database).find(task.tenantId, task.taskId)],
    ['looking for ends', () => new TaskReads(database).ended(task.tenantId, [task.taskId])],
  ])('finds the tasks by their primary key alone: %s', async (action, ask) => {
    await ask();
    const ofTasks = planning.scans.filter((node) => node['Relation Name']?.startsWith('task_queue_') === true);
    const byIndex = ofTasks.filter((node) => node['Index Name'] !== undefined);
    // Descendants of a task that fails are looked up one by one: they must not be joined by reading an index.
    const [ofFamily, byKey] = [byIndex.filter(isLookUp), byIndex.filter((node) => !isLookUp(node))];

    expect(byKey.length).toBeGreaterThan(0);
    for (const node of byKey) {
      expect(node['Index Name']).toMatch(/_pkey$/);
      expect(node['Index Cond']).toMatch(/task_id = ANY/);
    }
    expect(ofFamily.length > 0).toBe(action === 'failing');
    // An update names its tables too; a scan without an index would have no index to name.
    expect(ofTasks.filter((node) => !('Index Name' in node) && 'Filter' in node)).toEqual([]);
  });
});
