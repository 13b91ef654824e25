// Rules and dashboard against the metrics that the services really have, as processes on real servers.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { dropNamespace, makeMigratedDatabase, startTogether } from '@pulser/harness';
import { certificate } from '@pulser/testing';
import { parse } from 'yaml';
import { problemsOfDashboard, problemsOfRules, seriesIn } from './promql.policy.mjs';

const contentOf = (name) => readFileSync(join(import.meta.dirname, name), 'utf8');
const { groups } = parse(contentOf('pulser.rules.yml'));
const dashboard = JSON.parse(contentOf('grafana/pulser.json'));
const { scrape_configs: scraped } = parse(contentOf('prometheus.yml'));

const patienceMs = 360_000;
const started = ['gateway', 'router', 'health', 'mcp-coordinator', 'dash'];
const mainOf = (name) => `apps/${name === 'dash' ? 'agents/dash' : name}/dist/main.js`;

describe('the metrics of a Pulser that runs', () => {
  const namespace = `monitoring${process.pid}`;
  let folder;
  let database;
  let services = [];
  /** A server whose certificate the health service looks at. */
  const secure = createServer(certificate, (socket) => socket.on('error', () => undefined));

  beforeAll(async () => {
    await new Promise((resolve) => secure.listen(0, '127.0.0.1', resolve));
    folder = await mkdtemp(join(tmpdir(), 'pulser-monitoring-'));
    database = await makeMigratedDatabase({
      serverUrl: process.env.DATABASE_URL,
      prefix: 'monitoring',
      tenants: ['acme'],
    });
    services = await startTogether(started.map((name) => ({ name, main: mainOf(name), folder, variables: of(name) })));
    const [{ url }] = services;
    // What makes samples of metrics that have none before: a task that ends, one that fails for good, a refusal.
    await fetch(`${url}/api/v1/tasks`);
    for (const sql of ['select 42 as answer', 'select nothing from nowhere']) await submit(url, sql);
  }, patienceMs);

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    secure.close();
    await dropNamespace(process.env.AMQP_URL, namespace);
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  }, patienceMs);

  const of = (name) => {
    const login = new URL(database.url);
    login.username = name === 'gateway' ? 'pulser_app' : 'pulser_service';
    return {
      DATABASE_URL: login.href,
      AMQP_URL: process.env.AMQP_URL,
      AMQP_NAMESPACE: namespace,
      LOG_LEVEL: 'warn',
      ...(name === 'health' && {
        HEALTH_DISK_FOLDERS: folder,
        HEALTH_TLS_URLS: `https://127.0.0.1:${secure.address().port}`,
      }),
    };
  };

  const submit = (url, sql) =>
    fetch(`${url}/api/v1/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${database.tenants[0].key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql } }),
    });

  const pages = () => Promise.all(services.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));

  it(
    'have every name and label that an alert, a recording rule or a panel has',
    async () => {
      const problems = async () => {
        const series = seriesIn(await pages());
        return [...problemsOfRules(groups, series), ...problemsOfDashboard(dashboard, groups, series)];
      };
      // Gauges are read every some seconds, and the health services need a round or two.
      const deadline = Date.now() + patienceMs / 2;
      while ((await problems()).length > 0 && Date.now() < deadline) await pause(500);
      expect(await problems()).toEqual([]);
    },
    patienceMs,
  );
});

it('prometheus.yml asks every service of the roster, where npm run dev has it', async () => {
  const { startable } = await import('@pulser/roster');
  const targets = scraped.flatMap(({ static_configs: all }) =>
    all.map(({ targets: [at], labels }) => [labels.service, at]),
  );
  expect(targets.sort()).toEqual(startable.map(({ name, port }) => [name, `127.0.0.1:${port}`]).sort());
});
