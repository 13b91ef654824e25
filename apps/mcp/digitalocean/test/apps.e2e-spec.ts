import { calling, type Calling } from './calling.js';
import { appFields, idOf, problem } from './fake-digitalocean.js';

describe('apps', () => {
  let cloud: Calling;

  beforeEach(async () => {
    cloud = await calling();
  });
  afterEach(async () => {
    await cloud.stop();
    expect(cloud.fake.vendor.violations).toEqual([]);
  });

  const asked = (operation: string) => cloud.fake.vendor.requests.filter((request) => request.operation === operation);

  it('are listed with live address and active deployment, page by page', async () => {
    cloud.fake.apps = [appFields(1), appFields(2, { active_deployment: undefined, live_url: undefined }), appFields(3)];
    const { result } = await cloud.call('do_app_list', { limit: 2 });
    expect(result).toMatchObject({
      apps: [
        {
          id: idOf(1),
          name: 'web-1',
          live_url: 'https://web-1.example',
          active_deployment: { id: idOf(101), phase: 'ACTIVE' },
          pinned_deployment: null,
        },
        { name: 'web-2', live_url: null, active_deployment: null },
      ],
      next_cursor: '2',
    });
    const rest = await cloud.call('do_app_list', { limit: 2, cursor: '2' });
    expect(rest.result).toMatchObject({ apps: [{ name: 'web-3' }], next_cursor: null });
  });

  it('are shown with components, domains and the whole spec', async () => {
    const spec = {
      name: 'web',
      region: 'fra',
      services: [
        {
          name: 'api',
          github: { repo: 'acme/api', branch: 'main' },
          instance_size_slug: 'apps-s-1vcpu-1gb',
          instance_count: 2,
        },
      ],
      workers: [{ name: 'mail', image: { registry_type: 'DOCR', repository: 'mail', tag: '1.2.0' } }],
      static_sites: [{ name: 'page', git: { repo_clone_url: 'https://git.example/page.git', branch: 'main' } }],
      databases: [{ name: 'db', engine: 'PG' }],
    };
    const domains = [{ id: idOf(9), phase: 'ACTIVE', spec: { domain: 'web.example', type: 'PRIMARY' } }];
    cloud.fake.apps = [appFields(1, { spec, domains, pinned_deployment: { id: idOf(5), phase: 'ACTIVE' } })];
    const { result } = await cloud.call('do_app_get', { app_id: idOf(1) });
    expect(result).toMatchObject({
      name: 'web',
      components: [
        { name: 'api', kind: 'services', source: 'acme/api@main', instance_size: 'apps-s-1vcpu-1gb', instances: 2 },
        { name: 'mail', kind: 'workers', source: 'mail:1.2.0', instances: null },
        { name: 'page', kind: 'static_sites', source: 'https://git.example/page.git@main' },
        { name: 'db', kind: 'databases', source: 'PG' },
      ],
      domains: [{ domain: 'web.example', type: 'PRIMARY', phase: 'ACTIVE', certificate_expires_at: null }],
      pinned_deployment: { id: idOf(5) },
      spec,
    });
  });

  it('are validated and priced without being deployed', async () => {
    const { result } = await cloud.call('do_app_spec_validate', { spec: { name: 'web', region: 'fra' } });
    expect(result).toMatchObject({
      valid: true,
      problems: [],
      monthly_cost_usd: 12,
      spec: { name: 'web', region: 'fra' },
    });
    const message = 'error validating app spec field "region": unknown region';
    cloud.fake.vendor.fail('apps_validate_appSpec', { kind: 'answer', answer: problem(400, 'bad_request', message) });
    const wrong = await cloud.call('do_app_spec_validate', { spec: { name: 'web', region: 'fra' } });
    expect(wrong.result).toMatchObject({
      valid: false,
      problems: [expect.stringContaining('unknown region')],
      monthly_cost_usd: null,
      spec: null,
    });
    cloud.fake.taken = ['web'];
    const taken = await cloud.call('do_app_spec_validate', { spec: { name: 'web' } });
    expect(taken.result).toMatchObject({
      valid: false,
      problems: ['name: there is an app of this name already; web-2 is free'],
    });
    const own = await cloud.call('do_app_spec_validate', { spec: { name: 'web' }, app_id: idOf(1) });
    expect(own.result).toMatchObject({ valid: true });
    expect(new Set(cloud.fake.vendor.requests.map(({ operation }) => operation))).toEqual(
      new Set(['apps_validate_appSpec']),
    );
  });

  it('are not called valid when DigitalOcean could not tell', async () => {
    cloud.fake.vendor.fail('apps_validate_appSpec', {
      kind: 'answer',
      answer: { status: 500, body: { id: 'server_error', message: 'Unexpected server-side error' } },
    });
    const { error } = await cloud.call('do_app_spec_validate', { spec: { name: 'web' } });
    expect(error?.code).toBe('upstream_error');
  });

  it('are created, once for a name', async () => {
    const order = { spec: { name: 'web', region: 'fra', services: [] }, project_id: idOf(40) };
    const { result } = await cloud.call('do_app_create', order);
    expect(result).toMatchObject({
      name: 'web',
      live_url: null,
      project_id: idOf(40),
      next_deployment: { id: idOf(900), phase: 'PENDING_BUILD' },
    });
    const again = await cloud.call('do_app_create', order);
    expect(again.error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('already exists') as string,
    });
  });

  it('get another spec', async () => {
    cloud.fake.apps = [appFields(1)];
    const spec = { name: 'web-1', region: 'ams' };
    const { result } = await cloud.call('do_app_update', { app_id: idOf(1), spec });
    expect(result).toMatchObject({ next_deployment: { phase: 'BUILDING' } });
    expect(asked('apps_update')[0]?.body).toEqual({ spec, update_all_source_versions: false });
    await expect(cloud.call('do_app_update', { app_id: idOf(2), spec })).resolves.toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('are deleted only under their name', async () => {
    cloud.fake.apps = [appFields(1), appFields(2)];
    const wrong = await cloud.call('do_app_delete', { app_id: idOf(1), name: 'web-2' });
    expect(wrong.error).toMatchObject({ code: 'refused', message: expect.stringContaining('web-1') as string });
    expect(asked('apps_delete')).toEqual([]);
    const { result } = await cloud.call('do_app_delete', { app_id: idOf(1), name: 'web-1' });
    expect(result).toEqual({ id: idOf(1), deleted: true });
    expect(cloud.fake.apps).toHaveLength(1);
    await expect(cloud.call('do_app_delete', { app_id: idOf(1), name: 'web-1' })).resolves.toMatchObject({
      error: { code: 'not_found' },
    });
  });

  describe('deployed', () => {
    beforeEach(() => {
      cloud.fake.apps = [appFields(1)];
    });

    it('start a deployment', async () => {
      const { result } = await cloud.call('do_app_deployment_create', { app_id: idOf(1), force_build: true });
      expect(result).toMatchObject({ id: idOf(700), phase: 'PENDING_BUILD', cause: 'manual' });
      expect(asked('apps_create_deployment')[0]?.body).toEqual({ force_build: true });
    });

    it('show phase, steps and errors of the latest deployment, or of a named one', async () => {
      const failed = {
        name: 'build',
        status: 'ERROR',
        component_name: 'api',
        reason: { code: 'BuildJobFailed', message: 'npm ERR!' },
      };
      const steps = [
        {
          name: 'build',
          status: 'ERROR',
          steps: [
            { name: 'initialize', status: 'SUCCESS' },
            { name: 'components', status: 'ERROR', steps: [failed] },
          ],
        },
      ];
      const progress = { success_steps: 1, error_steps: 1, running_steps: 0, total_steps: 6, steps };
      cloud.fake.deployments = [
        { id: idOf(20), phase: 'ERROR', progress },
        { id: idOf(19), phase: 'SUPERSEDED' },
      ];
      const { result } = await cloud.call('do_app_deployment_get', { app_id: idOf(1) });
      expect(result).toMatchObject({
        ...{ id: idOf(20), phase: 'ERROR', steps_done: 1, steps_failed: 1, steps_total: 6, truncated: false },
        steps: [
          { path: 'build' },
          { path: 'build/initialize', status: 'SUCCESS' },
          { path: 'build/components' },
          { path: 'build/components/build' },
        ],
      });
      expect(result?.['errors']).toContainEqual(
        expect.objectContaining({ component: 'api', error: 'BuildJobFailed: npm ERR!' }),
      );
      const earlier = await cloud.call('do_app_deployment_get', { app_id: idOf(1), deployment_id: idOf(19) });
      expect(earlier.result).toMatchObject({ phase: 'SUPERSEDED', steps: [], steps_total: 0 });
      cloud.fake.deployments = [];
      await expect(cloud.call('do_app_deployment_get', { app_id: idOf(1) })).resolves.toMatchObject({
        error: { code: 'not_found' },
      });
    });

    const rollback = (args: Record<string, unknown> = {}) =>
      cloud.call('do_app_rollback', { app_id: idOf(1), deployment_id: idOf(19), ...args });

    it('are rolled back after DigitalOcean has validated it', async () => {
      const { result } = await rollback({ skip_pin: true });
      expect(result).toMatchObject({ id: idOf(800), phase: 'PENDING_DEPLOY', warnings: [] });
      expect(cloud.fake.vendor.requests.map(({ operation }) => operation)).toEqual([
        'apps_validate_rollback',
        'apps_create_rollback',
      ]);
      expect(asked('apps_create_rollback')[0]?.body).toEqual({ deployment_id: idOf(19), skip_pin: true });
    });

    it('are not rolled back to what DigitalOcean refuses', async () => {
      cloud.fake.validation = {
        valid: false,
        error: { code: 'incompatible_result', message: 'deployment result "failed" is unsuitable for rollback' },
      };
      await expect(rollback({ accept_warnings: true })).resolves.toMatchObject({
        error: { code: 'refused', message: expect.stringContaining('incompatible_result') as string },
      });
      expect(asked('apps_create_rollback')).toEqual([]);
    });

    it('are rolled back in spite of warnings only when they are accepted', async () => {
      cloud.fake.validation = {
        valid: true,
        warnings: [{ code: 'image_source_missing_digest', message: 'no digest', components: ['mail'] }],
      };
      await expect(rollback()).resolves.toMatchObject({
        error: { code: 'refused', message: expect.stringContaining('accept_warnings') as string },
      });
      expect(asked('apps_create_rollback')).toEqual([]);
      await expect(rollback({ accept_warnings: true })).resolves.toMatchObject({
        result: { warnings: ['image_source_missing_digest: no digest (mail)'] },
      });
    });
  });
});
