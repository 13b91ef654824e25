import type { Database } from '@pulser/database';

import {
  ApiKeys,
  FairShares,
  InstallationAudit,
  InstallationKeys,
  type InstallationKey,
  Pauses,
  systemActor,
} from '../src/index.js';
import { connected, TaskLife } from './task-life.js';

const admin = systemActor('root', 'pulser keys create');
const operator = { kind: 'key', id: 'key-1', name: 'laptop', origin: '10.0.0.7', via: 'POST /pause' } as const;
const unknown = '019a0000-0000-7000-8000-000000000000';

describe('the installation', () => {
  let life: TaskLife;
  let administrator: Database;
  let gateway: Database;
  let keys: InstallationKeys;
  let trail: InstallationAudit;

  beforeAll(async () => {
    life = await TaskLife.start();
    administrator = await connected(life.server.url());
    gateway = await connected(life.server.url('pulser_app'));
    keys = new InstallationKeys(administrator);
    trail = new InstallationAudit(gateway);
  });

  afterAll(async () => {
    await administrator.close();
    await gateway.close();
    await life.stop();
  });

  const made = (role: InstallationKey['role'], expiresInS: number | null = null) =>
    keys.create(admin, { name: `of ${role}`, role, expiresInS });

  const actions = async (): Promise<string[]> =>
    (await trail.page((await made('admin')).keyId, {}, 1_000)).map(({ action }) => action);

  describe('its keys', () => {
    it('are found by services until they end, and stored as a hash', async () => {
      const found = new ApiKeys(gateway);
      const { key, keyId } = await made('operator');
      expect(key).toMatch(/^pulser_installation_[\w-]{43}$/);
      expect(await found.find(key)).toEqual({
        tenantId: undefined,
        keyId,
        name: 'of operator',
        role: 'operator',
        expiresAt: null,
      });
      expect((await keys.list()).find((one) => one.keyId === keyId)).toMatchObject({
        state: 'active',
        lastUsedAt: expect.any(Date) as Date,
      });
      const rows = await life.server.query('select installation_key::text as row from installation_key');
      expect(JSON.stringify(rows)).not.toContain(key);
      expect(await keys.revoke(admin, keyId)).toMatchObject({ state: 'revoked' });
      expect(await found.find(key)).toBeUndefined();
      expect(await keys.revoke(admin, keyId)).toBeUndefined();
    });

    it('expire, and are not those of a tenant', async () => {
      const found = new ApiKeys(gateway);
      const { key, keyId } = await made('viewer', 60);
      await life.server.query(`update installation_key set expires_at = now() where key_id = '${keyId}'`);
      expect(await found.find(key)).toBeUndefined();
      expect(await found.find('pulser_installation_unknown')).toBeUndefined();
    });

    it.each(['pulser_app', 'pulser_service'])('can be read, made and ended by no service (%s)', async (role) => {
      const { keyId } = await made('viewer');
      for (const deed of [
        'select * from installation_key',
        `insert into installation_key (name, role, prefix, key_hash) values ('x', 'admin', 'x', 'x')`,
        `update installation_key set role = 'admin'`,
        'delete from installation_key',
        'select * from installation_audit',
        'update installation_audit_head set seq = 1',
        `select pulser.append_installation_audit(null)`,
        `select pulser.append_to_trail(null, null)`,
        `select pulser.require_installation_key('${keyId}', 'viewer')`,
      ]) {
        await expect(life.server.query(`set role ${role}; ${deed}`)).rejects.toThrow('permission denied');
        await life.server.query('reset role');
      }
    });
  });

  describe('a pause of all tenants', () => {
    const take = async (): Promise<string[]> => {
      const lane = { agent: 'dash', priority: 'medium' } as const;
      const { rows } = await life.backlog.take(lane, { limit: 10, shares: new FairShares().snapshot });
      return rows.map(({ task_id }) => task_id);
    };

    it.each([{ agent: 'dash' } as const, { taskType: 'analytics' } as const])(
      'by a gateway, of %j, holds for all until it is resumed, and then all start at once',
      async (target) => {
        const pauses = new Pauses(gateway);
        const { keyId } = await made('operator');
        const other = await life.tenants.ensure('other');
        const ids = [await life.submit(), await life.submit({}, other)];
        await pauses.pauseForAll(operator, target, 'a fire', keyId);
        await pauses.pauseForAll(operator, target, 'another', keyId);
        expect(await pauses.list(undefined)).toMatchObject([{ reason: 'a fire', forAllTenants: true }]);
        expect(await take()).toEqual([]);
        expect(await pauses.resumeForAll(operator, target, keyId)).toBe(true);
        expect(await pauses.resumeForAll(operator, target, keyId)).toBe(false);
        expect((await take()).sort()).toEqual(ids.sort());
        for (const [id, tenantId] of [
          [ids[0] ?? '', life.tenantId],
          [ids[1] ?? '', other],
        ] as const)
          await life.cancels.cancel(tenantId, operator, id);
      },
    );

    it('leaves those of a tenant as they are', async () => {
      const pauses = new Pauses(gateway);
      const { keyId } = await made('operator');
      await pauses.pause(life.tenantId, operator, { agent: 'maya' });
      expect(await pauses.resumeForAll(operator, { agent: 'maya' }, keyId)).toBe(false);
      expect(await pauses.list(life.tenantId)).toMatchObject([{ agent: 'maya', forAllTenants: false }]);
      await pauses.resume(life.tenantId, operator, { agent: 'maya' });
    });

    it('needs the valid key of an operator, whatever a gateway was made to believe', async () => {
      const pauses = new Pauses(gateway);
      const viewer = await made('viewer');
      const gone = await made('admin');
      await keys.revoke(admin, gone.keyId);
      for (const keyId of [viewer.keyId, gone.keyId, unknown]) {
        await expect(pauses.pauseForAll(operator, { agent: 'dash' }, undefined, keyId)).rejects.toThrow('not valid');
        await expect(pauses.resumeForAll(operator, { agent: 'dash' }, keyId)).rejects.toThrow('not valid');
      }
      expect(await pauses.list(undefined)).toEqual([]);
    });
  });

  describe('its audit trail', () => {
    it('says who made and ended keys, paused and admitted what, at the API and at the command line', async () => {
      const pauses = new Pauses(gateway);
      const { keyId } = await made('operator');
      await pauses.pauseForAll(operator, { agent: 'echo' }, undefined, keyId);
      await new Pauses(administrator).resumeForAll(systemActor('root', 'pulser pauses resume'), { agent: 'echo' });
      await keys.revoke(admin, keyId);
      await administrator.query({
        name: 'spec.admit',
        text: `insert into admitted_agent (agent_name) values ('outsider')`,
      });
      await administrator.query({
        name: 'spec.revoke',
        text: `update admitted_agent set revoked_at = now() where agent_name = 'outsider'`,
      });
      const reader = await made('admin');
      const entries = await trail.page(reader.keyId, {}, 7);
      expect(entries.map(({ action, actor: { name }, targets: [target] }) => [action, name, target])).toEqual([
        ['installation-key.created', 'root', reader.keyId],
        ['agent.revoked', expect.any(String), 'outsider'],
        ['agent.created', expect.any(String), 'outsider'],
        ['installation-key.revoked', 'root', keyId],
        ['pause.deleted', 'root', 'echo'],
        ['pause.created', 'laptop', 'echo'],
        ['installation-key.created', 'root', keyId],
      ]);
      expect(await trail.page(reader.keyId, { action: 'pause.created', target: 'echo' }, 9)).toMatchObject([
        { actor: operator, outcome: 'done' },
      ]);
    });

    it('is an administrator’s alone, and says what was refused', async () => {
      const { keyId } = await made('operator');
      await expect(trail.page(keyId, {}, 10)).rejects.toThrow('not valid');
      await expect(trail.page(unknown, {}, 10)).rejects.toThrow('not valid');
      await expect(trail.refused(unknown, operator, 'request.refused', [])).rejects.toThrow('not valid');
      await trail.refused(keyId, operator, 'request.refused', ['dash']);
      expect((await actions())[1]).toBe('request.refused');
    });

    it('does not change with the use of a key, or the start of a worker that was there before', async () => {
      const { key } = await made('viewer');
      const before = await actions();
      await new ApiKeys(gateway).find(key);
      await administrator.query({
        name: 'spec.readmit',
        text: `insert into admitted_agent (agent_name) values ('dash') on conflict (agent_name) do update set admitted_at = now()`,
      });
      // The key that read it the second time.
      expect((await actions()).slice(1)).toEqual(before);
    });

    it.each([
      ['an altered entry', `update installation_audit set targets = '{innocent}' where seq = 3`, 3],
      ['a removed entry', 'delete from installation_audit where seq = 2', 3],
      [
        'a removed newest entry',
        'delete from installation_audit where seq = (select max(seq) from installation_audit)',
        undefined,
      ],
    ])('finds %s', async (_, deed, seq) => {
      await actions();
      const { entries, firstBroken } = await trail.verify();
      expect([entries > 3, firstBroken]).toEqual([true, null]);
      await life.server.query('create table kept as table installation_audit');
      await life.server.query(deed);
      expect((await trail.verify()).firstBroken).toBe(seq ?? entries);
      await life.server.query(
        'truncate installation_audit; insert into installation_audit table kept; drop table kept',
      );
    });
  });
});
