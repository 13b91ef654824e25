import { readFileSync } from 'node:fs';
import { runCommand } from '../local/run-command.mjs';
import { parse } from 'yaml';
import { findPromtool } from './promtool.mjs';

const folder = import.meta.dirname;
const read = (name) => parse(readFileSync(`${folder}/${name}`, 'utf8'));
const rules = read('pulser.rules.yml').groups.flatMap((group) => group.rules);
const { tests } = read('pulser.rules.test.yml');
const alerts = rules.filter(({ alert }) => alert !== undefined);

const promtool = await findPromtool();
const withPromtool = promtool.path === undefined ? describe.skip : describe;

withPromtool(`promtool${promtool.reason === undefined ? '' : ` (${promtool.reason})`}`, () => {
  // Some ten seconds of CPU, on a machine that may be loaded.
  const limitMs = 180_000;
  const run = (...args) => runCommand(promtool.path, args, { cwd: folder });

  it.each([
    ['check', 'rules', 'pulser.rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'pulser.rules.test.yml'],
  ])(
    '%s %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await run(...args);
      expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
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

  it('has a severity, a summary and what to do', () => {
    for (const { labels, annotations } of alerts) {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it('stands in the README', () => {
    const text = readFileSync(`${folder}/README.md`, 'utf8');
    for (const { alert } of alerts) expect(text).toContain(`\`${alert}\``);
  });
});
