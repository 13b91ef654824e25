// Families of values: what stands in one column of a file.
import type { Random } from '@pulser/harness';

import { type Cell, exactNumber, exactTime, type Truth } from './truth.js';

/** A column of values. */
export interface Values {
  readonly family: string;
  readonly cells: readonly Cell[];
  /** Numbers or dates that can be read in one way only: they must come back typed. */
  readonly unambiguous: boolean;
  /** Dates whose order of day and month cannot be known: they must stay text, with a warning. */
  readonly ambiguousDates: boolean;
  /** How a column of dates in one order is written, as strptime has it. */
  readonly dateFormat?: string;
}

type Maker = (random: Random, rows: number) => Omit<Values, 'family'>;

const nothing: Cell = { written: undefined, truth: { kind: 'nothing' } };
const cell = (written: string, truth: Truth): Cell => ({ written, truth });
const words = (written: string): Cell => cell(written, { kind: 'text' });

const number = (written: string): Cell => {
  const exact = exactNumber(written);
  return exact === undefined ? words(written) : cell(written, { kind: 'number', exact });
};

const several = <T>(rows: number, make: (index: number) => T): T[] => Array.from({ length: rows }, (_, at) => make(at));

/** A column without a witness that decides how it is to be read. */
const column = (cells: readonly Cell[], unambiguous = false, ambiguousDates = false): Omit<Values, 'family'> => ({
  cells,
  unambiguous,
  ambiguousDates,
});

const certain =
  (make: (random: Random) => Cell): Maker =>
  (random, rows) =>
    column(
      several(rows, () => make(random)),
      true,
    );

const loose =
  (make: (random: Random, index: number) => Cell): Maker =>
  (random, rows) =>
    column(several(rows, (index) => make(random, index)));

const digits = (random: Random, length: number): string =>
  several(length, (index) => String(random.whole(index === 0 && length > 1 ? 1 : 0, 9))).join('');
const sign = (random: Random): string => (random.chance(0.3) ? '-' : '');

const edges = [31n, 32n, 53n, 63n, 64n, 70n].map((power) => 2n ** power);
const wideInteger = (random: Random): string =>
  String((random.pick(edges) + BigInt(random.whole(-3, 3))) * (random.chance(0.3) ? -1n : 1n));

/** A double in its shortest text. */
const shortest = (random: Random, powers: number): number =>
  (random.next() - 0.4) * 10 ** random.whole(-powers, powers);

const withoutExponent = (value: number): string => (/e/.test(String(value)) ? '0' : String(value));

const scaled =
  (scale: (random: Random) => number, whole: number): Maker =>
  (random, rows) => {
    const fixed = scale(random);
    return column(
      several(rows, () => number(`${sign(random)}${digits(random, random.whole(1, whole))}.${digits(random, fixed)}`)),
      true,
    );
  };

const two = (value: number): string => String(value).padStart(2, '0');

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const isoOf = ({ year, month, day }: Day): string => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
const anyDay = (random: Random): Day => ({
  year: random.whole(1950, 2040),
  month: random.whole(1, 12),
  day: random.whole(1, 28),
});

type Order = 'dmy' | 'mdy';

const inOrder = ({ year, month, day }: Day, order: Order, separator: string, padded: boolean): string => {
  const [d, m] = padded ? [two(day), two(month)] : [String(day), String(month)];
  return (order === 'dmy' ? [d, m, year] : [m, d, year]).join(separator);
};

/** One order for the whole column. `witness`: a day beyond 12 in some rows; without, the column can be read both ways. */
const ordered =
  (padded: boolean, witness: boolean): Maker =>
  (random, rows) => {
    const separator = random.pick(['/', '/', '.', '-']);
    // Points are written between day, month and year in this order only.
    const order = separator === '.' ? 'dmy' : random.pick(['dmy', 'mdy'] as const);
    const sure = random.whole(0, rows - 1);
    const cells = several(rows, (index) => {
      const day = witness ? random.whole(index === sure ? 13 : 1, 28) : random.whole(1, 12);
      const drawn = { ...anyDay(random), day };
      return cell(inOrder(drawn, order, separator, padded), { kind: 'date', iso: isoOf(drawn) });
    });
    const same = cells.every(({ truth }) => truth.kind === 'date' && truth.iso.slice(5, 7) === truth.iso.slice(8));
    const dateFormat = (order === 'dmy' ? ['%d', '%m', '%Y'] : ['%m', '%d', '%Y']).join(separator);
    return { ...column(cells, witness && padded, !witness && !same), dateFormat };
  };

/** Days beyond 12 in both places: no order fits all rows. */
const contradictory: Maker = (random, rows) =>
  column(
    several(rows, (index) => {
      const day = { ...anyDay(random), day: random.whole(13, 28) };
      const written = inOrder(day, index % 2 === 0 ? 'dmy' : 'mdy', '/', true);
      return cell(written, { kind: 'date', iso: isoOf(day) });
    }),
  );

const clock = (random: Random): string =>
  [random.whole(0, 23), random.whole(0, 59), random.whole(0, 59)].map(two).join(':');

const timestamp = (random: Random, between: string, fraction: number, zone = ''): Cell => {
  const day = isoOf(anyDay(random));
  const time = `${clock(random)}${fraction === 0 ? '' : `.${digits(random, fraction)}`}`;
  return cell(`${day}${between}${time}${zone}`, { kind: 'timestamp', iso: exactTime(`${day}T${time}`) });
};

/** The instant in UTC. The zone has whole hours and minutes, so the fraction stays. */
const zoned = (random: Random): Cell => {
  const { written = '' } = timestamp(random, 'T', random.pick([0, 3, 6]));
  const zone = random.pick(['Z', '+02:00', '-05:30', '+00:00']);
  const [, fraction = ''] = written.split('.');
  const utc = new Date(`${written.slice(0, 19)}${zone}`).toISOString().slice(0, 19);
  return cell(`${written}${zone}`, { kind: 'timestamp', iso: `${exactTime(`${utc}.${fraction}`)}Z` });
};

const booleans: Maker = (random, rows) => {
  const [yes, no] = random.pick([
    ['true', 'false'],
    ['True', 'False'],
    ['TRUE', 'FALSE'],
    ['yes', 'no'],
    ['t', 'f'],
    ['Y', 'N'],
  ] as const);
  return column(
    several(rows, () => (random.chance(0.5) ? [yes, true] : [no, false])).map(([text, value]) =>
      cell(text as string, { kind: 'boolean', value: value as boolean }),
    ),
  );
};

const phrases = [
  'Ann and Bob', 'naïve café', 'Grüße aus Köln', 'say "hello"', "it's so", 'one, two; three', 'a|b', 'tab\there',
  'two\nlines', 'two\r\nlines', ' leading', 'trailing ', 'Привет, мир', '東京 の 天気', 'مرحبا بالعالم', 'שלום עולם', 'สวัสดี',
  '한국어 문장', '😀 smile 👩‍👩‍👧', 'Ελληνικά', '__proto__', 'constructor', 'NULL', 'null', 'NA', 'None', 'nan', '-', '\\N', '\\', 'C:\\temp\\',
  '"', '""', 'a"b', '=1+1', '#hash', '-- x', "'; DROP TABLE t; --", '{"a": 1}', '[1, 2]', '100 %', '5 days', '1,5', '1.5', '42', 'true',
  'x'.repeat(500), 'é', 'e\u0301', '\u00a0', 'http://a.b/?c=d&e=f', 'O’Brien “quoted” – dash', '€ 5',
]; // prettier-ignore

/** The first row cannot be anything but words, so the others stay what they look like. */
const text = loose((random, index) => words(index === 0 ? 'Some words' : random.pick(phrases)));

const codeKinds: readonly ((random: Random) => string)[] = [
  (random) => `0${digits(random, 4)}`,
  (random) => `${digits(random, 1)}E${random.whole(1, 9)}`,
  (random) => `${two(random.whole(1, 12))}-${two(random.whole(1, 12))}-${two(random.whole(1, 12))}`,
  (random) => `0x${two(random.whole(10, 99))}`,
  (random) => `${digits(random, 1)}_${digits(random, 3)}`,
  (random) => `${random.whole(1, 9)}.${random.whole(0, 9)}.${random.whole(0, 9)}`,
  (random) => `00000000-0000-4000-8000-${digits(random, 11)}A`,
  (random) => `(${digits(random, 3)})`,
  (random) => `${digits(random, 2)}%`,
  (random) => `${digits(random, 3)} ${digits(random, 3)}`,
  (random) => `${random.whole(1, 9)}/${random.whole(1, 9)}`,
  (random) => `000${digits(random, 17)}`,
  (random) => `${random.whole(1, 99)} days`,
  (random) => `$${digits(random, 2)}.00`,
  (random) => `0${digits(random, 2)}.50`,
  (random) => `'${digits(random, 3)}`,
];

const codes: Maker = (random, rows) => {
  const kind = random.pick(codeKinds);
  return column(several(rows, () => words(kind(random))));
};

/** Ids of which only some have leading zeros, as post codes. */
const postCodes = loose((random, index) => (index === 0 ? words(`0${digits(random, 4)}`) : words(digits(random, 5))));

/** A value that breaks the type of its column, after many that fit. */
const brokenLate: Maker = (random, rows) => {
  const make = random.pick<(random: Random) => Cell>([
    (one) => number(digits(one, 3)),
    (one) => timestamp(one, ' ', 0),
    (one) => number(`${digits(one, 2)}.5`),
  ]);
  const last = random.pick(['n/a', '1e', '3 00', '2024-02-30', '0017', 'NaN', 'inf', '-Infinity', '1E400']);
  return column(several(rows, (index) => (index === rows - 1 ? words(last) : make(random))));
};

const twoDigitYears: Maker = (random, rows) =>
  column(
    several(rows, () => {
      const day = { ...anyDay(random), year: random.whole(1990, 2020) };
      const written = `${two(day.day)}/${two(day.month)}/${two(day.year % 100)}`;
      return cell(written, { kind: 'date', iso: isoOf(day) });
    }),
  );

const farDays = ['0001-01-01', '1582-10-10', '1899-12-31', '1900-03-01', '2000-02-29', '9999-12-31', '1969-12-31'];

/** Every family, by name. */
export const families = {
  'small integers': certain((random) => number(`${sign(random)}${random.whole(0, 9_999)}`.replace(/^-0$/, '0'))),
  'integers up to 2^70': certain((random) => number(wideInteger(random))),
  prices: scaled(() => 2, 5),
  decimals: scaled((random) => random.whole(1, 9), 9),
  'doubles': certain((random) => number(withoutExponent(shortest(random, 5)))),
  'ISO dates': certain((random) => {
    const iso = random.chance(0.1) ? random.pick(farDays) : isoOf(anyDay(random));
    return cell(iso, { kind: 'date', iso });
  }),
  'dates with an order': ordered(true, true),
  timestamps: (random, rows) => {
    const [between, fraction] = [random.pick([' ', 'T']), random.pick([0, 0, 3, 6])];
    return certain((one) => timestamp(one, between, fraction))(random, rows);
  },
  'dates without zeros': ordered(false, true),
  'dates without an order': ordered(true, false),
  'ambiguous dates without zeros': ordered(false, false),
  'contradictory dates': contradictory,
  'years of two digits': twoDigitYears,
  'timestamps with a zone': loose(zoned),
  'timestamps with and without a zone': loose((random) =>
    random.chance(0.5) ? zoned(random) : timestamp(random, 'T', 0),
  ),
  'dates and timestamps': loose((random) => {
    const iso = isoOf(anyDay(random));
    return random.chance(0.5) ? cell(iso, { kind: 'date', iso }) : timestamp(random, ' ', 0);
  }),
  nanoseconds: loose((random) => timestamp(random, ' ', random.pick([7, 9]))),
  'times of a day': loose((random, index) => {
    const time = clock(random);
    const short = index % 3 === 0;
    return cell(short ? time.slice(0, 5) : time, { kind: 'time', iso: short ? `${time.slice(0, 5)}:00` : time });
  }),
  'doubles with exponents': loose((random) => number(String(shortest(random, 30)))),
  'long decimals': loose((random) => number(`${digits(random, random.whole(1, 20))}.${digits(random, random.whole(1, 18))}`)),
  'large integers beside fractions': loose((random) => number(random.chance(0.5) ? wideInteger(random) : `${digits(random, 3)}.5`)),
  'ids of 20 digits': loose((random) => number(`1234567890123456${digits(random, 4)}`)),
  'ids of 45 digits': loose((random) => number(digits(random, 45))),
  'bare points and signs': loose((random) => number(random.pick([`.${digits(random, 2)}`, `${digits(random, 2)}.`, `+${digits(random, 2)}`, '-0']))),
  'numbers beside NaN': loose((random) => random.chance(0.8) ? number(digits(random, 2)) : words(random.pick(['NaN', 'inf', '-inf', 'Infinity', 'nan']))),
  thousands: loose((random) => {
    const [whole, fraction] = [digits(random, 3), digits(random, 2)];
    const exact = exactNumber(`${sign(random)}7${whole}.${fraction}`) ?? '';
    return cell(`${exact.startsWith('-') ? '-' : ''}7,${whole}.${fraction}`, { kind: 'number', exact });
  }),
  'numbers with spaces': loose((random) => {
    const plain = digits(random, 3);
    return cell(random.chance(0.5) ? ` ${plain}` : `${plain} `, number(plain).truth);
  }),
  booleans,
  text,
  codes,
  'post codes': postCodes,
  'broken late': brokenLate,
} as const satisfies Record<string, Maker>; // prettier-ignore
export type Family = keyof typeof families;

export const familyNames = Object.keys(families) as Family[];
export const fractionFamilies: readonly Family[] = ['prices', 'decimals', 'doubles'];

/** A column of a family. @param empty the share of cells in which nothing is written */
export const valuesOf = (random: Random, family: Family, rows: number, empty: number): Values => {
  const { cells, ...about } = families[family](random, rows);
  // The first cell of words and codes, and the days of dates, say how the column is to be read.
  const kept = family.includes('dates') ? cells.length : 1;
  return { family, cells: cells.map((one, at) => (at >= kept && random.chance(empty) ? nothing : one)), ...about };
};
