// Rules, dashboard and the commands of runbooks against services that run, as processes on real servers.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { dropNamespace, makeMigratedDatabase, startTogether } from '@pulser/harness';
import { certificate } from '@pulser/testing';
import pg from 'pg';
import { parse } from 'yaml';
import { runCommand } from '../local/run-command.mjs';
import { workspaceRoot } from '../local/workspace.mjs';
import { commandsOf } from '../runbooks/commands.policy.mjs';
import { problemsOfDashboard, problemsOfRules, seriesIn } from './promql.policy.mjs';

const contentOf = (name) => readFileSync(join(import.meta.dirname, name), 'utf8');
const groups = ['pulser.rules.yml', 'pulser.slo.rules.yml'].flatMap((name) => parse(contentOf(name)).groups);
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

  const printed = async (command, args, env) => {
    const { code, stdout, stderr } = await runCommand(command, args, { cwd: workspaceRoot, env });
    return { code, said: code === 0 ? '' : `${stdout}${stderr}`.slice(-500), stdout };
  };

  // Runbooks call the command line by npm, which would build it anew each time: this is the one that is built.
  const npmOfRunbooks = `#!/bin/sh
[ "$1 $2 $3 $4" = 'run --silent pulser --' ] || { echo "no such script: $*" >&2; exit 2; }
shift 4
exec '${process.execPath}' '${join(workspaceRoot, 'apps/cli/dist/main.js')}' "$@"
`;

  const runbookShell = async () => {
    const npm = join(folder, 'npm');
    await writeFile(npm, npmOfRunbooks);
    await chmod(npm, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, DATABASE_URL: database.url };
    const made = await printed(
      npm,
      ['run', '--silent', 'pulser', '--', ...'keys create --installation --name spec'.split(' ')],
      env,
    );
    expect(made).toMatchObject({ code: 0, said: '' });
    const [{ name: TENANT, key: TENANT_KEY }] = database.tenants;
    return { ...env, PULSER: services[0].url, KEY: made.stdout.trim(), TENANT, TENANT_KEY, AGENT: 'dash' };
  };

  /** The process whose page of metrics has what a command looks for. */
  const serviceFor = async (text) => {
    const [, metric = 'nodejs'] = /grep "\^(\w+)"/.exec(text) ?? [];
    const all = await pages();
    return services[
      Math.max(
        0,
        all.findIndex((page) => page.includes(`\n${metric}`)),
      )
    ].url;
  };

  it(
    'answer every command of the runbooks',
    async () => {
      const shell = await runbookShell();
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const failed = [];
      for (const { language, text, pages: of } of commandsOf(join(workspaceRoot, 'deploy/runbooks'))) {
        if (language === 'sql')
          await client.query(text).catch((error) => failed.push({ of, text, said: error.message }));
        else {
          const env = { ...shell, SERVICE: await serviceFor(text) };
          const { code, said } = await printed('bash', ['-o', 'pipefail', '-c', text], env);
          if (code !== 0) failed.push({ of, text, code, said });
        }
      }
      await client.end();
      expect(failed).toEqual([]);
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
