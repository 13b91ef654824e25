import { ApprovalSweep, CallApprovals, type KeyGrant, TaskSweep } from '@pulser/context-bus';
import type {
  ApprovalDetail,
  ApprovalPage,
  AuditPage,
  Explanation,
  NewKey,
  TaskWaitsView,
  WorkflowView,
} from '@pulser/contracts';

import { type Asked, ask, submitAndAsk } from '../asked-approval.js';
import { type Answer, Client } from '../client.js';
import type { GatewayUnderTest, TenantClient } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

/** Approvals that are decided twice at the same time; 1,000 in the lane. */
const clicks = Number(process.env['APPROVAL_CLICKS'] ?? 12);

describe('approvals', () => {
  let gateway: GatewayUnderTest;
  let name: string;
  let requester: TenantClient;
  let ada: Client;

  const someone = async (grant: Partial<KeyGrant> = {}): Promise<TenantClient> =>
    gateway.client(name, { role: 'approver', ...grant });

  beforeEach(async () => {
    gateway = await sharedGateway();
    name = `approvals-${crypto.randomUUID()}`;
    requester = await gateway.client(name);
    ada = (await someone({ name: 'ada' })).client;
  });

  const asked = (request: Parameters<typeof submitAndAsk>[2] = {}): Promise<Asked> =>
    submitAndAsk(gateway, requester, request);

  type Verb = 'approve' | 'deny' | 'delegate';

  const send = (
    client: Client,
    { approvalId }: Asked,
    verb: Verb,
    body: object = {},
  ): Promise<Answer<ApprovalDetail>> =>
    client.call<ApprovalDetail>(`/api/v1/approvals/${approvalId}/${verb}`, { method: 'POST', body });

  const view = async ({ approvalId }: Asked, client = ada): Promise<ApprovalDetail> =>
    (await client.get<ApprovalDetail>(`/api/v1/approvals/${approvalId}`)).body;

  const statusOf = async ({ taskId }: Asked): Promise<unknown> =>
    (await requester.client.get(`/api/v1/tasks/${taskId}`)).body['status'];

  it('lets a task go on that somebody else has approved, and shows what was asked', async () => {
    const one = await asked({ arguments: { sql: 'drop table sales', password: 'x' } });
    expect(await view(one)).toMatchObject({
      status: 'waiting',
      title: 'Drop the table',
      task_id: one.taskId,
      arguments: { sql: 'drop table sales', password: '(hidden)' },
      needed: 1,
      may_decide: true,
      last_approved: null,
    });
    const explained = await requester.client.get<Explanation>(`/api/v1/tasks/${one.taskId}/explain`);
    expect(explained.body.sentence).toContain(`It waits for the approval "Drop the table" (${one.approvalId})`);
    const waits = await requester.client.get<TaskWaitsView>(`/api/v1/tasks/${one.taskId}/waits`);
    expect(waits.body.waits).toMatchObject([{ kind: 'approval', approval: one.approvalId, is_current: true }]);

    const { status, body } = await send(ada, one, 'approve', { comment: 'Fine' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'approved', approved_by: 1, decisions: [{ name: 'ada', verdict: 'approved', comment: 'Fine' }] },
    });
    expect(await statusOf(one)).toBe('queued');
    const trail = await requester.client.get<AuditPage>('/api/v1/audit?action=approval.approved');
    expect(trail.body.entries).toMatchObject([{ targets: [one.approvalId], actor: { name: 'ada' } }]);
  });

  it('are refused to the requester, with the key, another one, and one that the requester minted', async () => {
    const one = await asked();
    const refused = async (client: Client): Promise<void> => {
      expect(await view(one, client)).toMatchObject({ may_decide: false, refusal: 'self_approval' });
      expect(await send(client, one, 'approve')).toMatchObject({
        status: 403,
        body: { code: 'self_approval', detail: 'It is decided by another person with the role approver' },
      });
    };
    const minted = async (client: Client): Promise<Client> => {
      const body = { name: 'second', role: 'approver' };
      return new Client(gateway.url, (await client.call<NewKey>('/api/v1/keys', { body })).body.key);
    };
    await refused(requester.client);
    const second = await minted(requester.client);
    await refused(second);
    await refused(await requester.client.logIn());
    const byAdmin = await gateway.client(name);
    const path = `/api/v1/keys/${requester.keyId}/rotate`;
    const rotated = await byAdmin.client.call<NewKey>(path, { method: 'POST', body: { overlap_s: 3_600 } });
    await refused(new Client(gateway.url, rotated.body.key));

    const other = await submitAndAsk(gateway, {
      client: await minted(byAdmin.client).then((key) => key),
      tenantId: requester.tenantId,
    });
    expect(await send(byAdmin.client, other, 'deny')).toMatchObject({ status: 403, body: { code: 'self_approval' } });
    expect(await statusOf(one)).toBe('waiting');
    const trail = await requester.client.get<AuditPage>('/api/v1/audit?action=approval.self-approval');
    expect(trail.body.entries.length).toBe(5);
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 200 });
  });

  it('are refused to who wrote the version of the workflow', async () => {
    const writer = (await someone()).client;
    const definition = { steps: [{ name: 'gate', approval: { title: 'Go on' } }] };
    const put = await writer.call<WorkflowView>('/api/v1/workflows/gated', { method: 'PUT', body: definition });
    expect(put.status).toBe(201);
    const run = await requester.client.submit();
    await gateway.database.query(
      `insert into workflow_run (tenant_id, task_id, workflow, definition_version, definition, inputs, priority)
       values ($1, $2, 'gated', 1, $3, '{}', 'medium')`,
      [requester.tenantId, run, JSON.stringify(definition)],
    );
    const [child = ''] = await gateway.worker.children(requester.tenantId, run, 1);
    const one = await ask(gateway, requester.tenantId, child);
    expect(await send(writer, one, 'approve')).toMatchObject({ status: 403, body: { code: 'self_approval' } });
    expect(await send(requester.client, one, 'approve')).toMatchObject({ body: { code: 'self_approval' } });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 200, body: { root_id: run } });
  });

  it('are refused to who wrote the schedule, also after it was deleted', async () => {
    const author = await someone();
    const task = { task_type: 'analytics', payload: { operation: 'query' } };
    const body = { when: { kind: 'cron', expression: '0 6 * * *' }, task };
    expect((await author.client.call('/api/v1/schedules/daily', { method: 'PUT', body })).status).toBe(201);
    const fired = await requester.client.submit();
    await gateway.database.query(
      `update task_queue t set schedule_id = s.schedule_id from schedule s
       where t.task_id = $1 and s.tenant_id = t.tenant_id and s.name = 'daily'`,
      [fired],
    );
    const one = await ask(gateway, requester.tenantId, fired);
    expect((await author.client.fetch('/api/v1/schedules/daily', { method: 'DELETE' })).status).toBe(204);
    expect(await send(author.client, one, 'approve')).toMatchObject({ status: 403, body: { code: 'self_approval' } });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 200 });
  });

  it('count persons, not keys', async () => {
    const one = await asked({ rules: { needed: 2 } });
    const admin = await gateway.client(name, { name: 'eve' });
    expect(await send(admin.client, one, 'approve')).toMatchObject({ body: { status: 'waiting', approved_by: 1 } });
    const body = { name: 'more', role: 'approver' };
    const more = await admin.client.call<NewKey>('/api/v1/keys', { body });
    const again = await send(new Client(gateway.url, more.body.key), one, 'deny');
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await statusOf(one)).toBe('waiting');
    expect(await send(ada, one, 'approve')).toMatchObject({ body: { status: 'approved', approved_by: 2 } });
    expect(await statusOf(one)).toBe('queued');
  });

  it('have one effect, however often and wherever they are clicked', async () => {
    const other = await gateway.beside();
    try {
      const there = new Client(other.url, ada.key);
      for (let n = 0; n < clicks; n += 1) {
        const one = await asked({ title: `number ${n}` });
        const answers = await Promise.all([ada, there, ada, there].map((client) => send(client, one, 'approve')));
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
        const [row] = await gateway.database.query(
          `select status, epoch, (select count(*)::int from approval_decision where approval_id = $2) as decisions,
             (select count(*)::int from task_event where task_id = $1 and body ->> 'status' = 'queued') as resumed
           from task_queue where task_id = $1`,
          [one.taskId, one.approvalId],
        );
        expect(row).toMatchObject({ status: 'queued', epoch: 2, decisions: 1, resumed: 1 });
      }
    } finally {
      await other.service.close();
    }
  }, 120_000);

  it('go on where a gateway dies that has decided: the row is queued, whatever became of the message', async () => {
    const one = await asked();
    const opposite = await Promise.all([send(ada, one, 'approve'), send((await someone()).client, one, 'deny')]);
    expect(opposite.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { status, decisions } = await view(one);
    expect(decisions).toMatchObject([{ verdict: status }]);
    expect(await statusOf(one)).toBe('queued');
  });

  it('are bound to what was looked at', async () => {
    const one = await asked();
    const { hash } = await view(one);
    const other = await send(ada, one, 'approve', { hash: '0'.repeat(64) });
    expect(other).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect(await send(ada, one, 'approve', { hash })).toMatchObject({ status: 200 });
  });

  it('are for named persons, who may give their place away', async () => {
    const [grace, linus] = [await someone({ name: 'grace' }), await someone({ name: 'linus' })];
    const one = await asked({ rules: { persons: [grace.keyId] } });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 403, body: { code: 'not_a_decider' } });
    const toRequester = await send(grace.client, one, 'delegate', { to: requester.keyId });
    expect(toRequester).toMatchObject({ status: 403, body: { code: 'self_approval' } });
    expect(await send(grace.client, one, 'delegate', { to: grace.keyId })).toMatchObject({ status: 409 });
    const given = await send(grace.client, one, 'delegate', { to: linus.keyId, comment: 'On leave' });
    expect(given).toMatchObject({ status: 200, body: { persons: [linus.keyId], refusal: 'not_a_decider' } });
    expect(await send(grace.client, one, 'approve')).toMatchObject({ status: 403 });
    expect(await send(linus.client, one, 'approve')).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect(await send(ada, await asked(), 'delegate', { to: linus.keyId })).toMatchObject({ status: 409 });
  });

  it('need the role that they ask for', async () => {
    const one = await asked({ rules: { role: 'admin' } });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const operator = (await someone({ role: 'operator' })).client;
    expect(await send(operator, one, 'approve')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await send((await gateway.client(name)).client, one, 'approve')).toMatchObject({ status: 200 });
  });

  it('expire, and their tasks go on to be told so', async () => {
    const one = await asked({ expiresInS: 0.001 });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 409, body: { approval_status: 'expired' } });
    const expired = await new ApprovalSweep(gateway.worker.database).expire(100);
    expect(expired.map(({ woken }) => woken?.task_id)).toContain(one.taskId);
    expect(await view(one)).toMatchObject({ status: 'expired', may_decide: false });
    expect(await statusOf(one)).toBe('queued');
    expect(await new TaskSweep(gateway.worker.database).failOverdue(10)).toEqual([]);
  });

  it('are withdrawn with the tree of their task, and with what asks for something else', async () => {
    const root = await requester.client.submit();
    const [child = ''] = await gateway.worker.children(requester.tenantId, root, 1);
    const one = await ask(gateway, requester.tenantId, child);
    await requester.client.call(`/api/v1/tasks/${root}/cancel`, { method: 'POST' });
    expect(await view(one)).toMatchObject({ status: 'withdrawn', root_id: root });
    expect(await send(ada, one, 'approve')).toMatchObject({ status: 409, body: { approval_status: 'withdrawn' } });

    const first = await asked({ arguments: { n: 1 } });
    await gateway.database.query(`update task_queue set status = 'queued' where task_id = $1`, [first.taskId]);
    const second = await ask(gateway, requester.tenantId, first.taskId, { arguments: { n: 2 } });
    expect(second.approvalId).not.toBe(first.approvalId);
    expect(await view(first)).toMatchObject({ status: 'withdrawn' });
    expect(await view(second)).toMatchObject({ status: 'waiting' });
  });

  it('show what differs from the last one that was approved', async () => {
    const first = await asked({ arguments: { app: 'shop', replicas: 2 } });
    await send(ada, first, 'approve');
    const second = await asked({ arguments: { app: 'shop', replicas: 20 } });
    expect(await view(second)).toMatchObject({
      last_approved: { approval_id: first.approvalId, arguments: { replicas: 2 } },
      changes: [{ op: 'replace', path: '/replicas', value: 20 }],
    });
  });

  it('are listed by state, page by page', async () => {
    const all: Asked[] = [];
    for (let n = 0; n < 3; n += 1) all.push(await asked({ arguments: { n } }));
    const [oldest] = all;
    if (oldest !== undefined) await send(ada, oldest, 'deny');
    const page = async (query: string): Promise<ApprovalPage> =>
      (await ada.get<ApprovalPage>(`/api/v1/approvals?${query}`)).body;
    const first = await page('status=waiting&limit=1');
    const second = await page(`status=waiting&limit=1&cursor=${first.next_cursor ?? ''}`);
    const ids = [...first.approvals, ...second.approvals].map(({ approval_id: id }) => id);
    expect(ids).toEqual([all[2]?.approvalId, all[1]?.approvalId]);
    expect((await page(`task=${oldest?.taskId ?? ''}`)).approvals).toMatchObject([{ status: 'denied' }]);
    expect(await ada.get('/api/v1/approvals?cursor=x')).toMatchObject({ status: 400 });
  });

  it('are sent to the destinations that they name, with a link that opens them and decides nothing', async () => {
    const { tenantId } = requester;
    await gateway.database.query(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       select $1, n, 'email', '{"to": "a@example.com"}', now(), 'test' from unnest(array['deciders', 'watchers']) n`,
      [tenantId],
    );
    const one = await asked({ rules: { notify: ['deciders'] }, task: { notify: ['watchers'] } });
    const rows = await gateway.database.query<{ name: string; content: { link: string } }>(
      `select d.name, n.content from notification n join notification_delivery e using (tenant_id, notification_id)
       join destination d using (tenant_id, destination_id) where n.tenant_id = $1 and n.kind = 'approval' order by 1`,
      [tenantId],
    );
    expect(rows.map(({ name: of }) => of)).toEqual(['deciders', 'watchers']);
    const link = rows[0]?.content.link ?? '';
    const opened = await ada.get<ApprovalDetail>(`/api/v1/approvals/${one.approvalId}?link=${link}`);
    expect(opened).toMatchObject({ status: 200, body: { status: 'waiting' } });
    const forged = `${link.startsWith('0') ? '1' : '0'}${link.slice(1)}`;
    expect(await ada.get(`/api/v1/approvals/${one.approvalId}?link=${forged}`)).toMatchObject({ status: 404 });
  });

  it('of calls that no task makes are opened by their link too, and decided by another person', async () => {
    const { tenantId, keyId } = requester;
    await gateway.database.query(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       values ($1, 'deciders', 'email', '{"to": "a@example.com"}', now(), 'test')`,
      [tenantId],
    );
    const call = { tool: 'github__pr_merge', arguments: { number: 7, token: 'x' } };
    const approvals = new CallApprovals(gateway.worker.database);
    const approvalId = await approvals.ask(tenantId, { id: keyId, name: 'ci' }, call, ['deciders']);
    const [row] = await gateway.database.query<{ content: { link: string } }>(
      `select content from notification where tenant_id = $1 and notification_id = $2`,
      [tenantId, approvalId],
    );
    const path = `/api/v1/approvals/${approvalId}`;
    const link = row?.content.link ?? '';
    expect(await ada.get(`${path}?link=${link}`)).toMatchObject({
      status: 200,
      body: { status: 'waiting', task_id: null, arguments: { number: 7, token: '(hidden)' }, may_decide: true },
    });
    const forged = `${link.startsWith('0') ? '1' : '0'}${link.slice(1)}`;
    expect(await ada.get(`${path}?link=${forged}`)).toMatchObject({ status: 404 });
    expect(await requester.client.get(`${path}?link=${link}`)).toMatchObject({ body: { refusal: 'self_approval' } });
    expect(await send(ada, { taskId: '', approvalId }, 'approve')).toMatchObject({ body: { status: 'approved' } });
  });
});
