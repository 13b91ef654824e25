import { AuditTrail, Pauses, systemActor, TenantKeys } from '../src/index.js';
import { TaskLife } from './task-life.js';

const laptop = { kind: 'key', id: 'key-1', name: 'laptop', origin: '10.0.0.7', via: 'POST /api/v1/keys' } as const;

const grant = { name: 'ci', role: 'operator', allowedTaskTypes: null, expiresInS: null } as const;

describe('the audit trail', () => {
  let life: TaskLife;
  let trail: AuditTrail;
  let pauses: Pauses;

  beforeEach(async () => {
    life = await TaskLife.start();
    trail = new AuditTrail(life.database);
    pauses = new Pauses(life.database);
  });

  afterEach(() => life.stop());

  /** @returns the newest first */
  const entries = () => trail.page(life.tenantId, {}, 100);

  const makeTrail = async (): Promise<void> => {
    for (const agent of ['dash', 'maya', 'echo', 'arkie', 'pulser'] as const) {
      await pauses.pause(life.tenantId, laptop, { agent });
    }
  };

  it('says who changed what, from where, by what request, with digests of before and after', async () => {
    const { keyId } = await new TenantKeys(life.database).create(life.tenantId, laptop, grant);
    const [entry] = await entries();
    expect(entry).toMatchObject({
      seq: 1,
      actor: laptop,
      action: 'key.created',
      targets: [keyId],
      outcome: 'done',
      beforeDigest: null,
      afterDigest: expect.stringMatching(/^[\da-f]{64}$/) as string,
    });
  });

  it('stays as it is when nothing changed: no use of a key, no second pause, no wrong id', async () => {
    const keys = new TenantKeys(life.database);
    await keys.create(life.tenantId, laptop, grant);
    await pauses.pause(life.tenantId, laptop, { agent: 'dash' });
    await pauses.pause(life.tenantId, laptop, { agent: 'dash' });
    await keys.revoke(life.tenantId, laptop, life.tenantId, true);
    await life.server.query('update api_key set last_used_at = now()');
    expect((await entries()).map(({ action }) => action)).toEqual(['pause.created', 'key.created']);
  });

  it('holds what one change did to many rows as one entry', async () => {
    const keys = new TenantKeys(life.database);
    const { keyId } = await keys.create(life.tenantId, laptop, { ...grant, expiresInS: 3_600 });
    const made = await keys.rotate(life.tenantId, laptop, keyId, 60);
    const rotated = (await entries()).filter(({ seq }) => seq > 1);
    expect(rotated.map(({ action, targets }) => [action, ...targets]).sort()).toEqual([
      ['key.created', made?.keyId],
      ['key.rotated', keyId],
    ]);
  });

  it('records the rotation of a key that would have ended sooner', async () => {
    const keys = new TenantKeys(life.database);
    const { keyId } = await keys.create(life.tenantId, laptop, { ...grant, expiresInS: 60 });
    await keys.rotate(life.tenantId, laptop, keyId, 3_600);
    expect(await trail.page(life.tenantId, { action: 'key.rotated' }, 100)).toMatchObject([{ targets: [keyId] }]);
  });

  it('calls a change by what was done: revoked, rotated, or changed by hand', async () => {
    const keys = new TenantKeys(life.database);
    const old = await keys.create(life.tenantId, laptop, grant);
    await keys.rotate(life.tenantId, laptop, old.keyId, 0);
    await life.server.query(`update api_key set name = 'other' where key_id = '${old.keyId}'`);
    const made = await keys.create(life.tenantId, laptop, grant);
    await keys.revoke(life.tenantId, laptop, made.keyId, true);
    expect((await entries()).map(({ action }) => action)).toEqual([
      ...['key.revoked', 'key.created', 'key.changed'],
      ...['key.rotated', 'key.created'].sort().reverse(),
      'key.created',
    ]);
  });

  it('records cancelled tasks, but not the work on tasks', async () => {
    const taskId = await life.submit();
    await life.claimed(taskId);
    await life.cancels.cancel(life.tenantId, laptop, taskId);
    expect(await entries()).toMatchObject([{ action: 'task.cancelled', targets: [taskId], actor: laptop }]);
  });

  it('names an author outside the API by the login of the database', async () => {
    await life.database.query({ name: 'spec.weight', text: 'update tenant set weight = 5' });
    expect(await entries()).toMatchObject([
      { action: 'tenant.changed', targets: ['acme'], actor: { kind: 'system', name: 'pulser_service' } },
    ]);
  });

  it('keeps changes of one tenant that come at the same time in one row, and out of the trails of others', async () => {
    const other = await life.tenants.ensure('other');
    const keys = new TenantKeys(life.database);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => keys.create(n % 2 === 0 ? life.tenantId : other, laptop, grant)),
    );
    expect((await entries()).map(({ seq }) => seq)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await trail.verify(life.tenantId)).toEqual({ entries: 10, firstBroken: null });
    expect(await trail.verify(other)).toEqual({ entries: 10, firstBroken: null });
  });

  it.each([
    ['an altered entry', `update audit_entry set targets = '{innocent}' where seq = 3`, 3],
    ['an altered actor', `update audit_entry set actor = jsonb_set(actor, '{name}', '"nobody"') where seq = 2`, 2],
    ['a removed entry', 'delete from audit_entry where seq = 2', 3],
    ['a removed first entry', 'delete from audit_entry where seq = 1', 2],
    ['a removed newest entry', 'delete from audit_entry where seq = 5', 5],
    ['a removed trail', 'delete from audit_entry', 5],
    [
      'entries that changed places',
      'update audit_entry set seq = case seq when 2 then 3 else 2 end + 100 where seq in (2, 3)',
      4,
    ],
    [
      'an entry that was altered with its hash',
      `update audit_entry e set outcome = 'refused', hash = pulser.audit_hash(jsonb_populate_record(e, '{"outcome": "refused"}')) where seq = 4`,
      5,
    ],
  ])('finds %s', async (_, deed, seq) => {
    await makeTrail();
    expect(await trail.verify(life.tenantId)).toEqual({ entries: 5, firstBroken: null });
    await life.server.query(deed);
    expect((await trail.verify(life.tenantId)).firstBroken).toBe(seq);
  });

  it.each(['pulser_app', 'pulser_service'])('cannot be written, changed or emptied by %s', async (role) => {
    await makeTrail();
    const entry = `insert into audit_entry select tenant_id, 9, at, actor, action, targets, outcome, null, null, null, hash from audit_entry limit 1`;
    for (const deed of [
      entry,
      `update audit_entry set action = 'x'`,
      'delete from audit_entry',
      'truncate audit_entry',
      `update audit_head set seq = 1`,
      'drop trigger audit_insert on api_key',
      `select pulser.append_audit('${life.tenantId}', null)`,
    ]) {
      await expect(life.server.query(`set role ${role}; ${deed}`)).rejects.toThrow(/permission denied|must be owner/);
      await life.server.query('reset role');
    }
  });

  it('records refusals', async () => {
    await trail.refused(life.tenantId, systemActor('intruder'), 'request.refused', ['key-9']);
    expect(await entries()).toMatchObject([{ action: 'request.refused', outcome: 'refused', targets: ['key-9'] }]);
  });
});
