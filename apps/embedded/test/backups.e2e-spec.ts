import { agents } from '@pulser/roster';
import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';

interface Example {
  readonly task_type: string;
  readonly operation: string;
  readonly summary: string;
  readonly input_schema: unknown;
  readonly example: Readonly<Record<string, unknown>>;
}

interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly assigned_agent: string;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly artifacts: readonly { readonly name: string; readonly media_type: string }[];
}

const running = agents.filter((row) => 'folder' in row);

/** Who stands in for whom, where both have code. */
const pairs = running.flatMap(({ name: owner, taskTypes, backups }) =>
  backups
    .filter((backup) => running.some(({ name }) => name === backup))
    .map((backup) => ({ owner, backup, taskType: taskTypes[0].name })),
);

/** Two agents that back each other up stand in for each other by turns, so each half of the pairs is one turn. */
const turns = [
  pairs.filter(({ owner, backup }) => owner < backup),
  pairs.filter(({ owner, backup }) => owner > backup),
];

/** What differs from run to run: times and ids. */
const changing = /_ms$|_at$|_id$|_ids$|^seconds$/;
/** Whose answers tell how long other tasks took, or which agents live. */
const ofHistory = new Set(['skills_mining.mine', 'skills_mining.recommend', 'analytics.telemetry_report']);

const lasting = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(/[\d,.]+ hours old/, 'hours old');
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !changing.test(name));
  return Object.fromEntries(members.map(([name, member]) => [name, lasting(member)]));
};

describe('an agent whose owner of a task type has no workers', () => {
  let apart: Apart;

  beforeAll(async () => {
    const workers = pairs.map(({ owner }) => `agents/${owner}` as const);
    apart = await Apart.start({}, ['gateway', 'router', ...workers]);
  }, 240_000);

  afterAll(() => apart.stop());

  /** What the newest registration of an agent says of a task type. */
  const operationsOf = async (agent: string, taskType: string): Promise<readonly Example[]> => {
    const [row] = await apart.database.query<{ operations: readonly Example[] }>(
      `select registration -> 'operations' as operations from agent_registration where agent_name = $1
       order by registered_at desc limit 1`,
      [agent],
    );
    return (row?.operations ?? []).filter(({ task_type }) => task_type === taskType);
  };

  const answerTo = async ({ task_type, example }: Example, key: string): Promise<Task> => {
    const headers = { authorization: `Bearer ${key}` };
    const submitted = await apart.call<Task>('/api/v1/tasks', { task_type, payload: example }, headers);
    const { task_id } = submitted;
    if (typeof task_id !== 'string') throw new Error(`The example is refused: ${JSON.stringify(submitted)}`);
    return eventually(
      async () => {
        const task = await apart.call<Task>(`/api/v1/tasks/${task_id}?wait=30s`, undefined, headers);
        expect(['completed', 'failed']).toContain(task.status);
        return task;
      },
      { timeoutMs: 180_000 },
    );
  };

  /** The answers to the examples of a task type, one after the other, for a tenant that has done nothing before. */
  const answersOf = async (taskType: string, owner: string, tenant: string): Promise<Map<string, Task>> => {
    const key = await apart.tenant(tenant);
    const answers = new Map<string, Task>();
    for (const one of await operationsOf(owner, taskType)) answers.set(one.operation, await answerTo(one, key));
    return answers;
  };

  /** By operation; of one whose answer has times in it, whether it was completed. */
  const shown = (taskType: string, answers: ReadonlyMap<string, Task>) =>
    [...answers].map(([operation, { status, result, error, artifacts }]) =>
      ofHistory.has(`${taskType}.${operation}`)
        ? { operation, status }
        : {
            operation,
            status,
            result: lasting(result),
            error: error === null ? null : { code: error.code, message: error.message },
            artifacts: artifacts.map(({ name, media_type }) => ({ name, media_type })),
          },
    );

  it('has registered the same operations as the owner', async () => {
    expect(pairs.length).toBeGreaterThan(0);
    for (const { owner, backup, taskType } of pairs) {
      const own = await operationsOf(owner, taskType);
      expect(own.length).toBeGreaterThan(0);
      expect(await operationsOf(backup, taskType)).toEqual(own);
    }
    const { task_types } = await apart.call<{ task_types: readonly { task_type: string; backups: string[] }[] }>(
      '/api/v1/task-types',
    );
    for (const { backup, taskType } of pairs)
      expect(task_types.find(({ task_type }) => task_type === taskType)?.backups).toEqual([backup]);
  });

  it.each(turns.map((turn) => [turn.map(({ owner, backup }) => `${backup} for ${owner}`).join(', '), turn] as const))(
    'gives the same answers to its examples: %s',
    async (_name, turn) => {
      const own = new Map<string, Map<string, Task>>();
      for (const { owner, taskType } of turn)
        own.set(owner, await answersOf(taskType, owner, `own-${taskType.replaceAll('_', '-')}`));
      await Promise.all(turn.map(({ owner }) => apart.end(`agents/${owner}`, 'SIGTERM')));
      await apart.database.query(
        `update agent_registration set last_seen_at = now() - interval '2 minutes' where agent_name = any ($1)`,
        [turn.map(({ owner }) => owner)],
      );
      for (const { owner, backup, taskType } of turn) {
        const answers = own.get(owner) ?? new Map<string, Task>();
        const stoodIn = await answersOf(taskType, owner, `other-${taskType.replaceAll('_', '-')}`);
        expect(new Set([...answers.values()].map((task) => task.assigned_agent))).toEqual(new Set([owner]));
        expect(new Set([...stoodIn.values()].map((task) => task.assigned_agent))).toEqual(new Set([backup]));
        expect(shown(taskType, stoodIn)).toEqual(shown(taskType, answers));
      }
      await Promise.all(turn.map(({ owner }) => apart.run(`agents/${owner}`)));
    },
    300_000,
  );
});
