// What a measurement is, and rounds of variants in alternation.
import { messageOf } from '@pulser/service-kit';

import { type PulserOptions, startPulser } from '../contestants/pulser.contestant.js';
import type { Contestant, Machine } from '../load/contestant.js';
import { finishedPerS, round, whileRunning } from '../load/stretch.js';
import { figure, figuresOf, ratios, type Round, spread, spreadText } from '../report/figures.policy.js';
import type { Finding, Table } from '../report/report.js';
import type { BenchOptions } from './options.js';

/** What a measurement works with. */
export interface Bench {
  readonly machine: Machine;
  /** Pulser first. */
  readonly contestants: readonly Contestant[];
  /** Contestants that this machine cannot have, and why. */
  readonly absent: readonly string[];
  readonly options: BenchOptions;
  readonly say: (line: string) => void;
}

/** @throws when there is nothing to report */
export type Measurement = (bench: Bench) => Promise<Finding>;

interface RowsOfEach {
  readonly rows: string[][];
  readonly failures: string[];
}

/** Runs `look` with each contestant; the failure of one does not affect the others. */
export const rowsOfEach = async (
  contestants: readonly Contestant[],
  what: string,
  look: (contestant: Contestant) => Promise<string[][]>,
): Promise<RowsOfEach> => {
  const found: RowsOfEach = { rows: [], failures: [] };
  for (const contestant of contestants) {
    try {
      found.rows.push(...(await look(contestant)));
    } catch (error) {
      found.failures.push(`${what} of ${contestant.name}: ${messageOf(error)}`);
    }
  }
  return found;
};

/** One of several that are compared. */
interface Variant {
  readonly name: string;
  /** Resolves with its figure of one round. */
  readonly measure: () => Promise<number>;
}

interface Comparison {
  readonly rounds: readonly Round[];
  readonly failures: readonly string[];
}

/** Rounds with all variants, each round starting with another one. */
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

interface ComparisonText {
  readonly title: string;
  readonly unit: string;
  /** The variant that the others are compared with. */
  readonly base: string;
  /** `base`: the base to each; `each`: each to the base. */
  readonly above: 'base' | 'each';
  readonly notes?: readonly string[];
}

const ratioOf = (rounds: readonly Round[], name: string, { base, above }: ComparisonText): string => {
  if (name === base) return '';
  return spreadText(spread(above === 'base' ? ratios(rounds, base, name) : ratios(rounds, name, base)));
};

/** A row per variant, in the order given. */
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

/** Rounds of all variants, as a table that compares each with the base. */
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

/** Pulser with changed options; its figure is tasks per second. */
export const pulserVariant = (name: string, changes: Partial<PulserOptions>, { machine, options }: Bench): Variant => ({
  name,
  measure: () =>
    whileRunning(startPulser(machine, changes), async (running) => {
      const found = await round(running, options.seconds, running.loads);
      await running.verify();
      return finishedPerS(found);
    }),
});
