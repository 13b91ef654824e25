import { messageOf } from '@pulser/service-kit';

import { figure, spreadText } from '../report/figure.policy.js';
import type { Finding, Table } from '../report/finding.js';
import { figuresOf, ratios, type Round, spread } from '../statistics/spread.policy.js';
import type { Bench } from './measurement.js';

/** One of those that are compared. */
export interface Variant {
  readonly name: string;
  /** Resolves with its figure of one round. */
  readonly measure: () => Promise<number>;
}

export interface Comparison {
  readonly rounds: readonly Round[];
  readonly failures: readonly string[];
}

/** Rounds in alternation, each with all variants, of which another begins each time. */
export const compare = async (
  variants: readonly Variant[],
  { options, say }: Pick<Bench, 'options' | 'say'>,
): Promise<Comparison> => {
  const rounds: Round[] = [];
  const failures: string[] = [];
  for (let n = 0; n < options.rounds; n++) {
    const figures: Record<string, number> = {};
    const first = n % variants.length;
    for (const { name, measure } of [...variants.slice(first), ...variants.slice(0, first)]) {
      try {
        const found = (figures[name] = await measure());
        say(`round ${n + 1}: ${name}: ${figure(found)}`);
      } catch (error) {
        failures.push(`round ${n + 1}, ${name}: ${messageOf(error)}`);
      }
    }
    rounds.push(figures);
  }
  return { rounds, failures };
};

export interface ComparisonText {
  readonly title: string;
  readonly unit: string;
  /** Whom the others are compared with. */
  readonly base: string;
  /** `base`: the base to each; `each`: each to the base. */
  readonly above: 'base' | 'each';
  readonly notes?: readonly string[];
}

const ratioOf = (rounds: readonly Round[], name: string, { base, above }: ComparisonText): string => {
  if (name === base) return '';
  return spreadText(spread(above === 'base' ? ratios(rounds, base, name) : ratios(rounds, name, base)));
};

/** A row for each, in the order given. */
export const comparisonTable = (names: readonly string[], rounds: readonly Round[], text: ComparisonText): Table => ({
  title: text.title,
  columns: [
    '',
    `${text.unit}: median (least .. most)`,
    text.above === 'base' ? `${text.base} to it, by round` : `it to ${text.base}, by round`,
    'rounds',
  ],
  rows: names.map((name) => {
    const figures = figuresOf(rounds, name);
    return [name, spreadText(spread(figures)), ratioOf(rounds, name, text), `${figures.length}`];
  }),
  notes: [...(text.notes ?? [])],
});

/** Rounds of them all, as one table of each beside the base. */
export const comparedWithBase = async (
  variants: readonly Variant[],
  bench: Pick<Bench, 'options' | 'say'>,
  text: Omit<ComparisonText, 'unit' | 'above'>,
): Promise<Finding> => {
  const { rounds, failures } = await compare(variants, bench);
  const names = variants.map(({ name }) => name);
  const table = comparisonTable(names, rounds, { ...text, unit: 'tasks a second', above: 'each' });
  return { tables: [table], failures: [...failures] };
};
