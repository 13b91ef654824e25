// What a measurement is, and rounds of variants in alternation.
import { messageOf } from '@pulser/service-kit';

import { startPulser } from '../contestants/pulser.contestant.js';
import type { PulserOptions } from '../contestants/pulser-system.js';
import type { Contestant, Machine, Running } from '../load/contestant.js';
import { finishedPerS, round, type Stretch, whileRunning } from '../load/stretch.js';
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

/** What is read beside the tasks a second of a round: it says how much that figure is worth. */
const asides = {
  /** See Stretch. */
  loadUs: 'load, µs a task',
  /** See Running. */
  dequeuedPercent: 'taken from rows, %',
} as const;

type Aside = keyof typeof asides;
const asideNames = Object.keys(asides) as Aside[];

/** Tasks a second of a variant in one round, and what is known beside it. */
type Sample = { readonly perS: number } & Partial<Readonly<Record<Aside, number>>>;

/** The sample of a measured stretch. Reads every row. */
export const sampleOf = async (running: Running, found: Stretch): Promise<Sample> => {
  const dequeuedPercent = await running.dequeuedPercent?.(found.at);
  const sample = { perS: finishedPerS(found), loadUs: found.loadUs };
  return dequeuedPercent === undefined ? sample : { ...sample, dequeuedPercent };
};

/** One of several that are compared. */
interface Variant {
  readonly name: string;
  /** Resolves with its sample of one round. */
  readonly measure: () => Promise<Sample>;
}

interface Comparison {
  /** Tasks a second. */
  readonly rounds: readonly Round[];
  readonly beside: Readonly<Record<Aside, readonly Round[]>>;
  readonly failures: readonly string[];
}

const roundOf = (samples: ReadonlyMap<string, Sample>, key: keyof Sample): Round =>
  Object.fromEntries([...samples].flatMap(([name, { [key]: value }]) => (value === undefined ? [] : [[name, value]])));

const sampleText = (sample: Sample): string => {
  const known = asideNames.flatMap((aside) => {
    const value = sample[aside];
    return value === undefined ? [] : [`${asides[aside]}: ${figure(value)}`];
  });
  return [figure(sample.perS), ...known].join('; ');
};

/** Rounds with all variants, each round starting with another one. */
export const compare = async (
  variants: readonly Variant[],
  { options, say }: Pick<Bench, 'options' | 'say'>,
): Promise<Comparison> => {
  const all: ReadonlyMap<string, Sample>[] = [];
  const failures: string[] = [];
  for (let n = 0; n < options.rounds; n++) {
    const samples = new Map<string, Sample>();
    const first = n % variants.length;
    for (const { name, measure } of [...variants.slice(first), ...variants.slice(0, first)]) {
      try {
        const sample = await measure();
        samples.set(name, sample);
        say(`round ${n + 1}: ${name}: ${sampleText(sample)}`);
      } catch (error) {
        failures.push(`round ${n + 1}, ${name}: ${messageOf(error)}`);
      }
    }
    all.push(samples);
  }
  const of = (key: keyof Sample): Round[] => all.map((samples) => roundOf(samples, key));
  const beside = { loadUs: of('loadUs'), dequeuedPercent: of('dequeuedPercent') };
  return { rounds: of('perS'), beside, failures };
};

interface ComparisonText {
  readonly title: string;
  readonly unit: string;
  /** The variants that the others are compared with, a column for each. */
  readonly bases: readonly string[];
  /** `base`: the base to each; `each`: each to the base. */
  readonly above: 'base' | 'each';
  readonly notes?: readonly string[];
}

const ratioOf = (rounds: readonly Round[], name: string, base: string, above: ComparisonText['above']): string => {
  if (name === base) return '';
  return spreadText(spread(above === 'base' ? ratios(rounds, base, name) : ratios(rounds, name, base)));
};

/** A row per variant, in the order given. */
export const comparisonTable = (
  names: readonly string[],
  { rounds, beside }: Comparison,
  { bases, above, ...text }: ComparisonText,
): Table => {
  const known = asideNames.filter((aside) => names.some((name) => figuresOf(beside[aside], name).length > 0));
  return {
    title: text.title,
    columns: [
      '',
      `${text.unit}: median (least .. most)`,
      ...bases.map((base) => (above === 'base' ? `${base} to it, by round` : `it to ${base}, by round`)),
      ...known.map((aside) => asides[aside]),
      'rounds',
    ],
    rows: names.map((name) => {
      const figures = figuresOf(rounds, name);
      return [
        name,
        spreadText(spread(figures)),
        ...bases.map((base) => ratioOf(rounds, name, base, above)),
        ...known.map((aside) => spreadText(spread(figuresOf(beside[aside], name)))),
        `${figures.length}`,
      ];
    }),
    notes: [...(text.notes ?? [])],
  };
};

/** Rounds of all variants, as a table that compares each with the base. */
export const comparedWithBase = async (
  variants: readonly Variant[],
  bench: Pick<Bench, 'options' | 'say'>,
  { base, ...text }: Pick<ComparisonText, 'title' | 'notes'> & { readonly base: string },
): Promise<Finding> => {
  const found = await compare(variants, bench);
  const names = variants.map(({ name }) => name);
  const table = comparisonTable(names, found, { ...text, bases: [base], unit: 'tasks a second', above: 'each' });
  return { tables: [table], failures: [...found.failures] };
};

/** Pulser with changed options. */
export const pulserVariant = (name: string, changes: Partial<PulserOptions>, { machine, options }: Bench): Variant => ({
  name,
  measure: () =>
    whileRunning(startPulser(machine, changes), async (running) => {
      const found = await round(running, options, running.loads);
      await running.verify();
      return sampleOf(running, found);
    }),
});
