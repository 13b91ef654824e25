// Which metrics and labels an expression of PromQL names, and which of them Pulser does not have.
import { parser } from '@prometheus-io/lezer-promql';

/** What Prometheus itself adds to every sample of Pulser, as in prometheus.yml. */
const targetLabels = ['job', 'instance', 'service'];

/** What Prometheus itself writes. */
const ofPrometheus = new Map([
  ['up', new Set(targetLabels)],
  ['ALERTS', new Set(['alertname', 'alertstate', 'severity', ...targetLabels])],
]);

/** Labels whose values are not known beforehand: targets, agents, and what has happened so far. */
const openValues = new Set([...targetLabels, 'agent', 'status', 'route', 'alertname', 'alertstate']);

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * What is on pages of /metrics: name of a series -> its labels -> their values.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function seriesIn(pages) {
  const series = new Map();
  for (const line of pages.flatMap((page) => page.split('\n'))) {
    const [, name, labels = ''] = (line.startsWith('#') ? undefined : sampleLine.exec(line)) ?? [];
    if (name === undefined) continue;
    const known = series.get(name) ?? new Map();
    series.set(name, known);
    for (const [, label, value] of labels.matchAll(labelPair))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return series;
}

const childrenOf = (node) => {
  const children = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
};

/** An expression, against what there is. `recorded`: name of a recording rule -> its labels. */
class Checked {
  problems = [];

  constructor(text, { series, recorded }) {
    this.text = text;
    this.series = series;
    this.recorded = recorded;
  }

  /** Labels that the result may have; notes what does not exist. */
  labelsOf(node) {
    if (node.type.isError) this.problems.push(`cannot be read at "${this.text.slice(node.from, node.from + 20)}"`);
    if (node.name === 'VectorSelector') return this.selector(node);
    if (node.name === 'AggregateExpr') return this.aggregate(node);
    if (node.name === 'BinaryExpr') this.matching(node);
    const labels = new Set();
    for (const child of childrenOf(node)) for (const label of this.labelsOf(child)) labels.add(label);
    return labels;
  }

  selector(node) {
    const name = this.of(node.getChild('Identifier') ?? node);
    const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    const written = this.recorded.get(name) ?? ofPrometheus.get(name);
    const seen = this.series.get(name);
    if (written === undefined && seen === undefined) {
      this.problems.push(`there is no sample of ${name}`);
      return new Set();
    }
    const labels = written ?? new Set([...seen.keys(), ...targetLabels]);
    for (const matcher of matchers) this.matcher(name, labels, seen, matcher);
    return labels;
  }

  matcher(name, labels, seen, matcher) {
    const label = this.of(matcher.getChild('LabelName'));
    if (!labels.has(label)) return void this.problems.push(`${name} has no label ${label}`);
    const isEqual = this.of(matcher.getChild('MatchOp')) === '=';
    const value = this.of(matcher.getChild('StringLiteral')).slice(1, -1);
    if (seen === undefined || !isEqual || openValues.has(label)) return;
    if (!seen.get(label)?.has(value)) this.problems.push(`${name} never has ${label}="${value}"`);
  }

  aggregate(node) {
    const inside = this.labelsOf(node.getChild('FunctionCallBody'));
    const modifier = node.getChild('AggregateModifier');
    if (modifier === null) return new Set();
    const named = this.grouping(modifier);
    if (modifier.getChild('Without') !== null) return new Set([...inside].filter((label) => !named.includes(label)));
    this.demand(named, inside);
    return new Set(named);
  }

  matching(node) {
    const modifier = node.getChild('MatchingModifierClause');
    if (modifier === null) return;
    const [left, right] = [node.firstChild, node.lastChild].map((side) => new Checked(this.text, this).labelsOf(side));
    for (const side of [left, right]) this.demand(this.grouping(modifier), side);
  }

  grouping(modifier) {
    const labels = modifier.getChild('GroupingLabels');
    return labels === null ? [] : labels.getChildren('LabelName').map((label) => this.of(label));
  }

  demand(named, labels) {
    for (const label of named) if (!labels.has(label)) this.problems.push(`nothing in it has the label ${label}`);
  }

  of(node) {
    return this.text.slice(node.from, node.to);
  }
}

/**
 * What an expression names that does not exist, and the labels of its result.
 * @returns {{ problems: string[], labels: Set<string> }}
 */
export function checkExpression(text, known) {
  const checked = new Checked(text, known);
  const labels = checked.labelsOf(parser.parse(text).topNode);
  return { problems: [...new Set(checked.problems)], labels };
}

const placeholders = {
  // Of alerts: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
  annotation: /\$labels\.(\w+)/g,
  // Of panels: https://grafana.com/docs/grafana/latest/visualizations/panels-visualizations/configure-standard-options/
  legend: /\{\{\s*(\w+)\s*\}\}/g,
};

const unknownPlaceholders = (kind, text, labels) =>
  [...text.matchAll(placeholders[kind])]
    .filter(([, label]) => !labels.has(label))
    .map(([, label]) => `"${text}" names the label ${label}, which its expression does not have`);

/** Everything that is wrong with rules, one line each. `groups` as in a file of rules. */
export function problemsOfRules(groups, series) {
  const recorded = new Map();
  const rules = groups.flatMap((group) => group.rules);
  return rules.flatMap((rule) => {
    const name = rule.alert ?? rule.record;
    const { problems, labels } = checkExpression(rule.expr, { series, recorded });
    if (rule.record !== undefined) recorded.set(rule.record, labels);
    const texts = Object.values(rule.annotations ?? {});
    const all = [...problems, ...texts.flatMap((text) => unknownPlaceholders('annotation', text, labels))];
    return all.map((problem) => `${name}: ${problem}`);
  });
}

/** The same for the panels of a dashboard, which may use what the rules record. */
export function problemsOfDashboard({ panels }, groups, series) {
  const recorded = new Map();
  for (const { record, expr } of groups.flatMap((group) => group.rules))
    if (record !== undefined) recorded.set(record, checkExpression(expr, { series, recorded }).labels);
  return panels.flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ expr, legendFormat }) => {
      const { problems, labels } = checkExpression(expr, { series, recorded });
      return [...problems, ...unknownPlaceholders('legend', legendFormat, labels)].map((one) => `${title}: ${one}`);
    }),
  );
}
