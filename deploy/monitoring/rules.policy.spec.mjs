import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { incidentKinds } from '@pulser/contracts';
import { parse } from 'yaml';
import { runCommand } from '../local/run-command.mjs';
import { workspaceRoot } from '../local/workspace.mjs';
import { findTool } from './prometheus-tools.mjs';

const folder = import.meta.dirname;
const read = (name) => parse(readFileSync(`${folder}/${name}`, 'utf8'));
const files = ['pulser', 'pulser.slo'];
const rules = files.flatMap((name) => read(`${name}.rules.yml`).groups).flatMap((group) => group.rules);
const tests = files.flatMap((name) => read(`${name}.rules.test.yml`).tests);
const alerts = rules.filter(({ alert }) => alert !== undefined);

// Some seconds of CPU, on a machine that may be loaded.
const limitMs = 180_000;

const [promtool, amtool] = await Promise.all(['promtool', 'amtool'].map(findTool));
const withTool = ({ path }) => (path === undefined ? describe.skip : describe);
const because = ({ reason }) => (reason === undefined ? '' : ` (${reason})`);

const expectSuccess = async (path, args) => {
  const { code, stdout, stderr } = await runCommand(path, args, { cwd: folder });
  expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
};

withTool(promtool)(`promtool${because(promtool)}`, () => {
  it.each([
    ['check', 'config', 'prometheus.yml'],
    ...files.flatMap((name) => [
      ['check', 'rules', `${name}.rules.yml`],
      ['test', 'rules', `${name}.rules.test.yml`],
    ]),
  ])('%s %s %s', (...args) => expectSuccess(promtool.path, args), limitMs);
});

withTool(amtool)(`amtool${because(amtool)}`, () => {
  const labelsOf = ({ alert, labels }) => [
    `alertname=${alert}`,
    ...Object.entries(labels).map((pair) => pair.join('=')),
  ];
  const routes = (receiver, labels) => [
    ...['config', 'routes', 'test', '--config.file=alertmanager.yml', `--verify.receivers=${receiver}`],
    ...labels,
  ];

  it('check-config alertmanager.yml', () => expectSuccess(amtool.path, ['check-config', 'alertmanager.yml']));

  it(
    'pages what has the label page, and files a ticket for everything else',
    async () => {
      for (const rule of alerts)
        await expectSuccess(amtool.path, routes(rule.labels.page === 'yes' ? 'page' : 'tickets', labelsOf(rule)));
      const { code } = await runCommand(amtool.path, routes('page', ['alertname=PulserTasksFail']), { cwd: folder });
      expect(code).not.toBe(0);
    },
    limitMs,
  );
});

describe('every alert', () => {
  it.each(alerts.map((rule) => [rule.alert, rule]))('%s fires and is silent in a test', (name) => {
    const of = tests.filter((test) => test.name === name).flatMap((test) => test.promql_expr_test);
    const outcomes = of
      .filter(({ expr }) => expr.includes(`"${name}"`))
      .map(({ exp_samples: samples }) => samples.length);
    expect(outcomes).toContain(1);
    expect(outcomes).toContain(0);
  });

  it('has a severity, a summary, what it means and its runbook', () => {
    for (const { alert, labels, annotations } of alerts) {
      const { incident, ...texts } = annotations;
      expect(['warning', 'critical']).toContain(labels.severity);
      const runbook = `deploy/runbooks/${alert}.md`;
      expect(texts).toEqual({ summary: expect.any(String), description: expect.any(String), runbook_url: runbook });
      expect(existsSync(join(workspaceRoot, runbook))).toBe(true);
      expect(incident ?? '').toEqual(expect.any(String));
    }
  });

  it('has a runbook of its own, that the list of runbooks names, and no runbook is without an alert', () => {
    const runbooks = join(workspaceRoot, 'deploy/runbooks');
    const there = readdirSync(runbooks).filter((name) => name.startsWith('Pulser'));
    const wanted = alerts.map(({ alert }) => `${alert}.md`);
    expect(there.sort()).toEqual(wanted.sort());
    const list = readFileSync(join(runbooks, 'README.md'), 'utf8');
    for (const { alert, labels } of alerts) {
      const row = list.split('\n').find((line) => line.includes(`(${alert}.md)`)) ?? '';
      expect({ alert, isPage: row.includes('page') }).toEqual({ alert, isPage: labels.page === 'yes' });
    }
  });

  it('that pages is critical for what users get', () => {
    const pages = alerts.filter(({ labels }) => labels.page !== undefined).map(({ alert }) => alert);
    expect(pages.sort()).toEqual([
      'PulserDown',
      'PulserHealthWithoutLeader',
      'PulserStartsBurn',
      'PulserSubmissionsBurn',
      'PulserSubmissionsBurnFast',
      'PulserTasksOverdue',
    ]);
  });
});

it('what Pulser alerts on itself is an alert here too, once, and not a page', () => {
  const shared = alerts.filter(({ annotations }) => annotations.incident !== undefined);
  expect(shared.flatMap(({ annotations }) => annotations.incident.split(' ')).sort()).toEqual(
    [...incidentKinds].sort(),
  );
  for (const { labels } of shared) expect(labels.page).toBeUndefined();
});
