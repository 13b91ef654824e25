// Approvals through the built services as processes of their own, which are killed meanwhile. `APPROVAL_CLICKS` is how many.
import type { ApprovalPage } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';

const count = Number(process.env['APPROVAL_CLICKS'] ?? 4);
/** Between two kills. */
const perKill = Math.max(2, Math.ceil(count / 20));
const patience = { timeoutMs: 60_000 + count * 500, everyMs: 100 };

describe('approvals while services are killed', () => {
  let apart: Apart;
  let decider: string;

  beforeAll(async () => {
    apart = await Apart.start({}, ['gateway', 'router', 'agents/pulser']);
    // Another key that was made at a shell: another person.
    decider = await apart.tenant('acme');
  }, 120_000);

  afterAll(() => apart.stop());

  const submit = async (n: number): Promise<string> => {
    const payload = { operation: 'approve', title: `Number ${n}`, arguments: { n } };
    return (await apart.call<{ task_id: string }>('/api/v1/tasks', { task_type: 'orchestration', payload })).task_id;
  };

  /** Until it is answered: what a person does whose click came to nothing. */
  const click = (approvalId: string): Promise<void> =>
    eventually(async () => {
      const authorization = `Bearer ${decider}`;
      const answer = await apart.call<{ status?: unknown }>(
        `/api/v1/approvals/${approvalId}/approve`,
        {},
        { authorization },
      );
      expect(answer.status).toBe('approved');
    }, patience);

  const killAndStart = async (name: 'gateway' | 'agents/pulser'): Promise<void> => {
    await apart.end(name, 'SIGKILL');
    await apart.run(name);
  };

  it(
    'are each resumed once, although each is clicked twice',
    async () => {
      const tasks: string[] = [];
      for (let n = 0; n < count; n += 1) tasks.push(await submit(n));
      const approvals = await eventually(async () => {
        const rows = await apart.database.query<{ id: string; task: string }>(
          `select approval_id as id, task_id as task from approval where status = 'waiting' order by asked_at`,
        );
        expect(rows).toHaveLength(count);
        return rows;
      }, patience);
      const listed = await apart.call<ApprovalPage>('/api/v1/approvals?status=waiting&limit=100');
      expect(listed.approvals[0]).toMatchObject({ refusal: 'self_approval', may_decide: false });
      for (let from = 0; from < count; from += perKill) {
        const some = approvals.slice(from, from + perKill);
        const clicks = some.flatMap(({ id }) => [click(id), click(id)]);
        await killAndStart((from / perKill) % 2 === 0 ? 'gateway' : 'agents/pulser');
        await Promise.all(clicks);
      }
      await eventually(async () => {
        const [row] = await apart.database.query<{ done: number }>(
          `select count(*)::int as done from task_queue where status = 'completed' and task_id = any ($1)`,
          [tasks],
        );
        expect(row?.done).toBe(count);
      }, patience);
      const [facts] = await apart.database.query(
        `select (select count(*)::int from approval_decision) as decisions,
         (select count(*)::int from approval where status = 'approved' and used_at is not null) as used,
         (select count(*)::int from task_event where body ->> 'status' = 'queued' and task_id = any ($1)
            and seq % 1000000 = 0) as resumed,
         (select count(*)::int from audit_entry where action = 'approval.approved') as noted`,
        [tasks],
      );
      expect(facts).toEqual({ decisions: count, used: count, resumed: count, noted: count });
    },
    180_000 + count * 1_000,
  );
});
