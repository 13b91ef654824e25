// The table of a run, and what changed against the recordings before: texts alone.
import type { Outcome } from './evaluate.js';

/** A case with what it came to, and what the recording before came to. */
export interface EvaluatedCase {
  readonly name: string;
  readonly agent: string;
  readonly outcome: Outcome;
  readonly before: Outcome | undefined;
}

export const passes = ({ problems }: Outcome): boolean => problems.length === 0;

const verdictOf = (outcome: Outcome): string => (passes(outcome) ? 'pass' : 'FAIL');

const tokensOf = ({ inputTokens, outputTokens }: Outcome): string => `${inputTokens} + ${outputTokens}`;

const columns = ['case', 'agent', 'instructions', 'result', 'steps', 'tokens', 'tools'];

const rowOf = ({ name, agent, outcome }: EvaluatedCase): string[] => [
  name,
  agent,
  outcome.instructions,
  verdictOf(outcome),
  String(outcome.steps),
  tokensOf(outcome),
  outcome.tools.join(' ') || '-',
];

const laidOut = (rows: readonly (readonly string[])[]): string[] => {
  const widths = columns.map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

const changesOf = (now: Outcome, before: Outcome): string[] => {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['result', verdictOf(before), verdictOf(now)],
    ['steps', String(before.steps), String(now.steps)],
    ['tokens', tokensOf(before), tokensOf(now)],
    ['tools', before.tools.join(' ') || '-', now.tools.join(' ') || '-'],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([what, was, is]) => `${what}: ${was} -> ${is}`);
};

const diffLines = ({ name, outcome, before }: EvaluatedCase): string[] => {
  if (before === undefined) return [];
  const changes = changesOf(outcome, before);
  const head = `${name}: ${before.instructions} -> ${outcome.instructions}`;
  return changes.length === 0 ? [`${head}: the same`] : [head, ...changes.map((change) => `  ${change}`)];
};

/** What is printed of a run. */
export const reportOf = (cases: readonly EvaluatedCase[]): string[] => {
  const problems = cases.flatMap(({ name, outcome }) => outcome.problems.map((problem) => `${name}: ${problem}`));
  const diff = cases.flatMap(diffLines);
  return [
    ...laidOut([columns, ...cases.map(rowOf)]),
    ...(problems.length === 0 ? [] : ['', 'What failed:', ...problems]),
    ...(diff.length === 0 ? [] : ['', 'Against the instructions before:', ...diff]),
    '',
    `${cases.filter(({ outcome }) => passes(outcome)).length} of ${cases.length} cases pass`,
  ];
};
