import { applyPatch, type Operation } from 'rfc6902';
import { parse } from 'yaml';

import { cleanFiles, faultyFiles } from './fixtures/fixtures.js';
import { plan } from './run.js';

const base = (name: string): string => cleanFiles.find((file) => file.name === name)?.content ?? '';

const storefront = base('kubernetes/storefront.yaml');
const mailer = base('kubernetes/mailer.yaml');
const ledger = base('kubernetes/ledger.yaml');
const report = base('kubernetes/report.yaml');
const operator = base('kubernetes/operator.yaml');
const migrate = base('kubernetes/migrate.yaml');
const edge = base('kubernetes/edge.yaml');
const orders = base('app-platform/orders.yaml');
const wiki = base('compose/wiki.yml');
const jobs = base('compose/jobs.yml');

const kubernetes = 'kubernetes' as const;
const app = 'app-platform' as const;
const compose = 'compose' as const;

describe('plan', () => {
  it.each([
    [
      kubernetes,
      storefront,
      'storefront:2.14.3',
      'storefront:2.15.0',
      'Deployment/storefront in shop',
      'restarted',
      false,
    ],
    [
      kubernetes,
      storefront,
      'LOG_LEVEL: info',
      'LOG_LEVEL: debug',
      'ConfigMap/storefront-settings in shop',
      'updated',
      false,
    ],
    [
      kubernetes,
      storefront,
      'maxReplicas: 8',
      'maxReplicas: 9',
      'HorizontalPodAutoscaler/storefront in shop',
      'updated',
      false,
    ],
    [
      kubernetes,
      mailer,
      'matchLabels: { app: mailer }\n  template',
      'matchLabels: { app: post }\n  template',
      'Deployment/mailer',
      'recreated',
      false,
    ],
    [kubernetes, mailer, 'replicas: 3', 'replicas: 2', 'Deployment/mailer', 'updated', false],
    [
      kubernetes,
      mailer,
      '  name: mailer\nspec:\n  replicas',
      '  name: mailer\n  annotations: { a: b }\nspec:\n  replicas',
      'Deployment/mailer',
      'none',
      false,
    ],
    [kubernetes, ledger, 'storage: 50Gi', 'storage: 80Gi', 'StatefulSet/ledger in books', 'recreated', true],
    [kubernetes, ledger, 'serviceName: ledger', 'serviceName: books', 'StatefulSet/ledger in books', 'recreated', true],
    [kubernetes, ledger, 'postgres:18.1', 'postgres:18.2', 'StatefulSet/ledger in books', 'restarted', false],
    [kubernetes, report, 'storage: 10Gi', 'storage: 20Gi', 'PersistentVolumeClaim/reports', 'updated', false],
    [kubernetes, report, 'storage: 10Gi', 'storage: 5Gi', 'PersistentVolumeClaim/reports', 'recreated', true],
    [kubernetes, report, '- ReadWriteOnce', '- ReadWriteMany', 'PersistentVolumeClaim/reports', 'recreated', true],
    // Of a kind that the API does not have itself.
    [
      kubernetes,
      operator,
      'secretName: previews-tls',
      'secretName: other',
      'Certificate/previews in previews',
      'updated',
      true,
    ],
    [kubernetes, migrate, 'migrations:2.14.3', 'migrations:2.14.4', 'Job/migrate-2-14 in shop', 'recreated', false],
    [kubernetes, edge, 'maxUnavailable: 10%', 'maxUnavailable: 20%', 'DaemonSet/edge in edge', 'updated', false],
    [app, orders, 'value: info', 'value: debug', 'services/api', 'restarted', false],
    [app, orders, 'max_instance_count: 4', 'max_instance_count: 6', 'services/api', 'updated', false],
    [app, orders, 'region: fra', 'region: ams', 'app', 'recreated', true],
    [app, orders, 'engine: PG', 'engine: MYSQL', 'databases/orders-db', 'recreated', true],
    // Its root is read-only: there is nothing to lose.
    [compose, wiki, 'wiki:3.9.1', 'wiki:3.9.2', 'services/app', 'recreated', false],
    [
      compose,
      jobs,
      'read_only: true\n    cap_drop: [ALL]\n    security_opt: [no-new-privileges]\n    mem_limit: 512m',
      'mem_limit: 512m',
      'services/api',
      'recreated',
      true,
    ],
    [compose, wiki, 'postgres:18.1', 'postgres:18.2', 'services/database', 'recreated', false],
    [compose, wiki, 'name: wiki', 'name: pages', 'file', 'recreated', true],
    [compose, wiki, 'condition: service_healthy', 'condition: service_started', 'services/app', 'none', false],
  ])('%#: of %s, what a change does', async (format, before, was, is, resource, effect, mayLoseData) => {
    expect(before.split(was)).toHaveLength(2);
    const { changes } = await plan(format, before, before.replace(was, is));
    expect(changes.find((one) => one.resource === resource)).toMatchObject({ effect, may_lose_data: mayLoseData });
  });

  it('says in words what changed, item by item of its name', async () => {
    const { changes, summary } = await plan(
      kubernetes,
      storefront,
      storefront.replace('value: http://catalog', 'value: https://catalog'),
    );
    expect(summary).toBe('1 restarted');
    expect(changes[0]?.words).toEqual([
      'spec.template.spec.containers[0].env[0].value changes from "http://catalog.shop.svc:8080" to "https://catalog.shop.svc:8080"',
    ]);
    expect(changes[0]).toMatchObject({ line_before: 2, line_after: 2 });
  });

  it('says what is new and what goes', async () => {
    const [deployment = '', budget = ''] = mailer.split('---\n');
    const { changes } = await plan(kubernetes, deployment, budget);
    expect(changes.map(({ resource, change, effect }) => [resource, change, effect])).toEqual([
      ['Deployment/mailer', 'removed', 'deleted'],
      ['PodDisruptionBudget/mailer', 'added', 'created'],
    ]);
  });

  it('finds no change where texts differ and meaning does not', async () => {
    const other = JSON.stringify(parse(mailer.split('---\n')[0] ?? ''));
    const result = await plan(kubernetes, mailer.split('---\n')[0] ?? '', other);
    expect(result).toMatchObject({ summary: 'Nothing changes', changes: [], unchanged: 1 });
  });

  it('gives patches that make of each spec the other one', async () => {
    const pairs = faultyFiles.filter(({ format, rule }) => format === 'app-platform' && !rule.startsWith('yaml-'));
    for (const { name, content } of pairs) {
      const before = base(name.split(':')[0] ?? '');
      const { changes } = await plan(app, before, content);
      for (const { resource, change, patch } of changes) {
        if (change !== 'changed' || resource === 'app') continue;
        const [kind = '', id = ''] = resource.split('/');
        const find = (text: string): unknown =>
          (parse(text) as Record<string, { name: string }[]>)[kind]?.find((one) => one.name === id);
        const patched = structuredClone(find(before));
        expect(applyPatch(patched, patch as unknown as Operation[]).every((error) => error === null)).toBe(true);
        expect(patched).toEqual(find(content));
      }
    }
  });
});
