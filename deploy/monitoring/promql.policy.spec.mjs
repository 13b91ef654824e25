import { checkExpression, problemsOfDashboard, problemsOfRules, seriesIn } from './promql.policy.mjs';

const page = `# HELP done_total Done
# TYPE done_total counter
done_total{agent="dash",outcome="ok"} 3
done_total{agent="a\\"b",outcome="lost"} 0
# TYPE seconds histogram
seconds_bucket{le="0.1",agent="dash"} 1
seconds_bucket{le="+Inf",agent="dash"} 2
plain 1.5e-7
`;
const series = seriesIn([page]);
const recorded = new Map([['pulser:kept', new Set(['agent'])]]);
const problems = (text) => checkExpression(text, { series, recorded }).problems;

describe('an expression', () => {
  it.each([
    'sum by (agent) (rate(done_total{outcome="ok"}[5m])) > 1',
    'histogram_quantile(0.99, sum by (agent, le) (rate(seconds_bucket[5m])))',
    'pulser:kept{agent="maya"} and on (agent) max by (agent) (done_total)',
    'max by (service, instance) (plain{job="pulser"}) or absent(plain)',
    'up{service="gateway"} == 0',
    'plain unless on (job) up',
  ])('is right: %s', (text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([
    ['rate(done[5m])', 'there is no sample of done'],
    ['done_total{result="ok"}', 'done_total has no label result'],
    ['done_total{outcome="okay"}', 'done_total never has outcome="okay"'],
    ['sum by (tenant) (done_total)', 'nothing in it has the label tenant'],
    ['sum by (agent) (sum(done_total))', 'nothing in it has the label agent'],
    ['pulser:kept{task_type="x"}', 'pulser:kept has no label task_type'],
    ['pulser:other', 'there is no sample of pulser:other'],
    ['sum by (agent) (done_total) and on (agent) sum(plain)', 'nothing in it has the label agent'],
  ])('is wrong: %s', (text, problem) => {
    expect(problems(text)).toContain(problem);
  });

  it('is wrong when it is not PromQL', () => {
    expect(problems('sum(done_total')[0]).toContain('cannot be read');
  });
});

it('a rule is wrong when its text names a label that its expression does not have', () => {
  const annotations = { summary: '{{ $labels.agent }} of {{ $labels.outcome }}' };
  const rule = { alert: 'Some', expr: 'sum by (agent) (done_total)', annotations };
  expect(problemsOfRules([{ rules: [rule] }], series)).toEqual([
    'Some: "{{ $labels.agent }} of {{ $labels.outcome }}" names the label outcome, which its expression does not have',
  ]);
});

it('a panel may use what a rule records, with the labels that it has', () => {
  const groups = [{ rules: [{ record: 'pulser:done', expr: 'sum by (agent) (done_total)' }] }];
  const panel = (expr, legendFormat) => ({ title: 'Done', targets: [{ expr, legendFormat }] });
  const check = (...panels) => problemsOfDashboard({ panels: [{ title: 'a row' }, ...panels] }, groups, series);
  expect(check(panel('pulser:done{agent=~"$agent"}', '{{agent}}'))).toEqual([]);
  expect(check(panel('pulser:done', '{{outcome}}'))).toHaveLength(1);
});
