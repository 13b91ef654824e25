import { impatientRules, testClient, type TestClient } from '@pulser/mcp-server-kit/testing';
import { vendorFaults } from '@pulser/testing/vendor';

import { pulserHub } from '../src/index.js';
import { account, type OdooServer, odooServer } from './odoo-server.js';

const variablesFor = (url: string, more: Record<string, string> = {}): Record<string, string> => ({
  ODOO_URL: `${url}/`,
  ODOO_DATABASE: account.database,
  ODOO_LOGIN: account.login,
  ODOO_API_KEY: account.key,
  ODOO_METHODS: 'res.partner.action_archive, res.partner.unlink',
  ...more,
});

describe.each([
  ['19.0', 'json-2'],
  ['16.0', 'json-rpc'],
] as const)('Odoo %s', (version, dialect) => {
  let odoo: OdooServer;
  let client: TestClient;
  let variables: Record<string, string>;

  const call = (tool: string, args: Record<string, unknown> = {}) => client.call(tool, args, { variables });

  beforeAll(async () => {
    [odoo, client] = await Promise.all([odooServer(version), testClient(pulserHub)]);
    variables = variablesFor(odoo.url);
  });

  afterAll(() => Promise.all([odoo.close(), client.close()]));

  it(`is asked in its dialect ${dialect}`, async () => {
    const { result } = await call('get_odoo_status');
    expect(result).toMatchObject({ version, dialect, database: 'shop', user_id: 2 });
  });

  it('is searched page by page', async () => {
    const search = { model: 'res.partner', fields: ['name'], limit: 3 };
    const first = await call('odoo_search_read', search);
    expect(first.result).toEqual({
      records: [1, 2, 3].map((id) => ({ id, name: `Partner ${id}` })),
      next_offset: 3,
      truncated: false,
    });
    const last = await call('odoo_search_read', { ...search, offset: 6 });
    expect(last.result).toMatchObject({ records: [{ id: 7 }], next_offset: null });
  });

  it('reads and counts records and describes their fields', async () => {
    const [read, count, fields] = await Promise.all([
      call('odoo_record_read', { model: 'res.partner', ids: [2, 3], fields: ['is_company'] }),
      call('odoo_record_count', { model: 'res.partner', domain: [['is_company', '=', true]] }),
      call('odoo_model_describe', { model: 'res.partner' }),
    ]);
    expect(read.result?.['records']).toEqual([
      { id: 2, is_company: false },
      { id: 3, is_company: true },
    ]);
    expect(count.result).toEqual({ count: 4 });
    expect(fields.result?.['fields']).toMatchObject([
      { name: 'name', type: 'char', required: true, help: null },
      { name: 'parent_id', relation: 'res.partner' },
      { name: 'type', choices: ['contact', 'other'], help: 'Which' },
    ]);
  });

  it('aggregates, with the same names in both dialects', async () => {
    const { result } = await call('odoo_record_aggregate', {
      model: 'res.partner',
      group_by: ['is_company'],
      aggregates: ['id:count', '__count'],
    });
    expect(result).toEqual({
      groups: [{ by: { is_company: true }, values: { 'id:count': 4, __count: 4 } }],
      next_offset: null,
      truncated: false,
    });
  });

  it('creates and updates records', async () => {
    const { result } = await call('odoo_record_create', { model: 'res.partner', records: [{ name: 'Acme' }] });
    expect(result).toEqual({ ids: [8] });
    const updated = await call('odoo_record_update', { model: 'res.partner', ids: [8], values: { email: 'a@b.c' } });
    expect(updated.result).toEqual({ updated: [8] });
    expect(odoo.models.partners.at(-1)).toMatchObject({ id: 8, name: 'Acme', email: 'a@b.c' });
  });

  it('runs the methods that are allowed, and no other', async () => {
    const archive = { model: 'res.partner', method: 'action_archive', ids: [1] };
    expect((await call('odoo_method_call', archive)).result).toEqual({ result: null });
    const before = odoo.requests.length;
    for (const method of ['write', 'message_post'])
      expect((await call('odoo_method_call', { ...archive, method })).error?.code).toBe('refused');
    expect(odoo.requests).toHaveLength(before);
  });

  it('changes none of its users, rights and settings', async () => {
    const before = odoo.requests.length;
    for (const model of [
      'res.users',
      'res.groups',
      'ir.actions.server',
      'ir.cron',
      'base.automation',
      'res.config.settings',
    ]) {
      const created = await call('odoo_record_create', { model, records: [{ name: 'x' }] });
      const updated = await call('odoo_record_update', { model, ids: [1], values: { name: 'x' } });
      expect([created.error?.code, updated.error?.code]).toEqual(['refused', 'refused']);
    }
    expect(odoo.requests).toHaveLength(before);
  });

  it('installs and upgrades add-ons', async () => {
    const install = await call('deploy_addon', { addon: 'sale_management', refresh: true });
    const again = await call('deploy_addon', { addon: 'sale_management', action: 'install' });
    const upgrade = await call('deploy_addon', { addon: 'stock' });
    expect(install.result).toEqual({
      addon: 'sale_management',
      done: 'install',
      state: 'installed',
      version: '18.0.1.2',
    });
    expect([again.result?.['done'], upgrade.result?.['done']]).toEqual(['nothing', 'upgrade']);
    const [none, half] = await Promise.all([
      call('deploy_addon', { addon: 'nope' }),
      call('deploy_addon', { addon: 'half' }),
    ]);
    expect([none.error?.code, half.error?.code]).toEqual(['not_found', 'conflict']);
  });

  it('says why it refuses', async () => {
    const missing = await call('odoo_record_read', { model: 'res.partner', ids: [99], fields: ['name'] });
    const invalid = await call('odoo_record_create', { model: 'res.partner', records: [{ email: 'x' }] });
    const unknown = await call('odoo_record_count', { model: 'no.such' });
    expect([missing.error?.code, invalid.error?.code, unknown.error?.code]).toEqual([
      'not_found',
      'invalid_args',
      'invalid_args',
    ]);
    expect(invalid.error?.message).toContain('A partner needs a name');
  });

  it('is not used with a wrong key, which is not shown', async () => {
    const wrong = variablesFor(odoo.url, { ODOO_API_KEY: 'wrong-key-123456' });
    const { error, text } = await client.call('odoo_record_count', { model: 'res.partner' }, { variables: wrong });
    expect(error?.code).toBe('refused');
    expect(text).not.toContain('wrong-key');
  });

  it.each(vendorFaults)('answers with $code when it has $name', async ({ answer, code }) => {
    const impatient = await testClient(pulserHub, { outgoing: impatientRules });
    odoo.fault = answer;
    const asked = answer.fault === 'hang' ? impatient : client;
    const { error } = await asked.call('odoo_record_count', { model: 'res.partner' }, { variables });
    odoo.fault = undefined;
    await impatient.close();
    expect(error?.code).toBe(code);
    if (code === 'rate_limited') expect(error?.retry_after_s).toBe(12);
  });
});
