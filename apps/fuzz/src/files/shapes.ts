// The shapes of files: each says what is special about it, the rest is drawn.
import { Random } from '@pulser/harness';

import { csvFile } from './csv-file.js';
import { type CsvPlan, plainPlan } from './csv-plan.js';
import { jsonFile, type JsonPlan, plainJson } from './json-file.js';
import type { WrittenFile } from './written-file.js';

type Writer = (random: Random, shape: string) => WrittenFile;

const csv =
  (special: (random: Random) => Partial<CsvPlan>): Writer =>
  (random, shape) =>
    csvFile(random, shape, { ...plainPlan(random), ...special(random) });

const json =
  (format: 'json' | 'ndjson', special: (random: Random) => Partial<JsonPlan>): Writer =>
  (random, shape) =>
    jsonFile(random, shape, { ...plainJson(random, format), ...special(random) });

const oneByte = { quoting: 'minimal', mark: false } as const;
const wide = (random: Random): number => (random.chance(0.05) ? 4_000 : random.whole(200, 900));

/** Everything at once that goes together. */
const anything = (random: Random): Partial<CsvPlan> => ({
  delimiter: random.pick([';', '\t', '|']),
  lineEnd: random.pick(['\n', '\r\n', 'mixed']),
  decimal: random.pick(['.', ',']),
  sepLine: random.chance(0.3),
  preamble: random.pick([0, 0, 2]),
  comments: random.chance(0.3),
  blankLines: random.chance(0.3),
  shortRows: random.chance(0.3),
  encoding: random.pick(['utf-8', 'windows-1252', 'utf-16le']),
  mark: false,
  header: random.pick(['plain', 'with delimiters', 'duplicates', 'case']),
});

const shapes = {
  'commas': csv(() => ({ delimiter: ',' })),
  'semicolons': csv(() => ({ delimiter: ';' })),
  'tabs': csv(() => ({ delimiter: '\t' })),
  'bars': csv(() => ({ delimiter: '|' })),
  'all quoted': csv(() => ({ quoting: 'always' })),
  'words quoted': csv(() => ({ quoting: 'words' })),
  'apostrophes around all': csv(() => ({ quote: "'", quoting: 'always' })),
  'apostrophes as quotes': csv(() => ({ quote: "'", quoting: 'minimal' })),
  'CR LF': csv(() => ({ lineEnd: '\r\n' })),
  'CR': csv(() => ({ lineEnd: '\r' })),
  'mixed line ends': csv(() => ({ lineEnd: 'mixed' })),
  'no last line end': csv(() => ({ finalLineEnd: false })),
  'UTF-8 with a mark': csv(() => ({ mark: true })),
  'latin-1': csv(() => ({ ...oneByte, encoding: 'iso-8859-1' })),
  'windows-1252': csv(() => ({ ...oneByte, encoding: 'windows-1252' })),
  'UTF-16 LE with a mark': csv(() => ({ encoding: 'utf-16le', mark: true })),
  'UTF-16 BE with a mark': csv(() => ({ encoding: 'utf-16be', mark: true })),
  'UTF-16 LE': csv(() => ({ encoding: 'utf-16le', mark: false })),
  'UTF-16 BE': csv(() => ({ encoding: 'utf-16be', mark: false })),
  'a line sep=': csv((random) => ({ sepLine: true, mark: random.chance(0.3) })),
  'sep= and decimal commas': csv(() => ({ sepLine: true, delimiter: ';', decimal: ',' })),
  'a preamble': csv((random) => ({ preamble: random.whole(1, 5), columns: random.whole(3, 8) })),
  'blank lines': csv(() => ({ blankLines: true })),
  'comments': csv(() => ({ comments: true })),
  'comments and blank lines': csv(() => ({ comments: true, blankLines: true })),
  'decimal commas, semicolons': csv(() => ({ decimal: ',', delimiter: ';' })),
  'decimal commas, tabs': csv(() => ({ decimal: ',', delimiter: '\t' })),
  'decimal commas, commas': csv(() => ({ decimal: ',', delimiter: ',' })),
  'short rows': csv(() => ({ shortRows: true })),
  'a row too long': csv(() => ({ lastRow: 'too long' })),
  'an open quote': csv(() => ({ lastRow: 'open quote' })),
  'text behind a closing quote': csv(() => ({ lastRow: 'text behind a quote' })),
  'quotes within bare cells': csv(() => ({ bareQuotes: true, quoting: 'minimal' })),
  'blank lines before the header': csv((random) => ({ leadingBlanks: random.whole(1, 3) })),
  'a header alone': csv(() => ({ rows: 0 })),
  'a footnote': csv(() => ({ footnote: true })),
  'a delimiter at the end of each row': csv(() => ({ trailingDelimiter: true, header: 'plain' })),
  'delimiters in the header': csv(() => ({ header: 'with delimiters' })),
  'equal names': csv(() => ({ header: 'duplicates' })),
  'names equal but for case': csv(() => ({ header: 'case' })),
  'years as names': csv(() => ({ header: 'years' })),
  'a header after a hash': csv(() => ({ header: 'hash' })),
  'odd names': csv(() => ({ header: 'odd', columns: 10 })),
  'no header': csv(() => ({ header: 'none' })),
  'one column': csv(() => ({ columns: 1 })),
  'two columns': csv(() => ({ columns: 2 })),
  'one or two rows': csv((random) => ({ rows: random.whole(1, 2) })),
  'words for nothing': csv((random) => ({ nullText: random.pick(['NA', 'n/a', '-', 'NULL', '\\N']), empty: 0.2 })),
  'wide': csv((random) => ({ columns: wide(random), rows: random.whole(3, 6), header: 'plain' })),
  'many rows': csv((random) => ({ rows: random.whole(1_000, 4_000), columns: random.whole(2, 4) })),
  'much at once': csv(anything),
  'NDJSON': json('ndjson', () => ({})),
  'NDJSON, sparse': json('ndjson', () => ({ missing: 0.9, columns: 12 })),
  'NDJSON, 200 keys of one type': json('ndjson', (random) => ({ columns: random.whole(200, 260), rows: 20, missing: 0.95, families: [random.pick(['small integers', 'prices', 'text'] as const)] })),
  'NDJSON, large integers': json('ndjson', () => ({ families: ['integers up to 2^70', 'large integers beside fractions', 'ids of 20 digits', 'ids of 45 digits', 'long decimals'] })),
  'NDJSON, numbers of any form': json('ndjson', () => ({ families: 'numbers' })),
  'NDJSON with a mark': json('ndjson', () => ({ mark: true })),
  'NDJSON, blank lines': json('ndjson', () => ({ blankLines: true })),
  'NDJSON, keys equal but for case': json('ndjson', () => ({ keys: 'case', columns: 6 })),
  'NDJSON, odd keys': json('ndjson', () => ({ keys: 'odd', columns: 13 })),
  'NDJSON, nested': json('ndjson', () => ({ families: 'nested' })),
  'NDJSON, mixed types': json('ndjson', () => ({ families: 'mixed' })),
  'NDJSON, a broken line': json('ndjson', () => ({ brokenLine: true })),
  'NDJSON, UTF-16': json('ndjson', (random) => ({ encoding: random.pick(['utf-16le', 'utf-16be']), mark: true })),
  'JSON': json('json', () => ({})),
  'JSON with a mark': json('json', () => ({ mark: true })),
  'JSON, sparse': json('json', () => ({ missing: 0.8, columns: 12 })),
  'JSON, 200 keys of one type': json('json', (random) => ({ columns: random.whole(200, 260), rows: 20, missing: 0.95, families: [random.pick(['small integers', 'prices', 'text'] as const)] })),
  'JSON, keys equal but for case': json('json', () => ({ keys: 'case', columns: 6 })),
  'JSON, mixed types': json('json', () => ({ families: 'mixed' })),
  'JSON, one column': json('json', () => ({ columns: 1 })),
  'JSON, []': json('json', () => ({ rows: 0 })),
} as const satisfies Record<string, Writer>; // prettier-ignore

export const shapeNames = Object.keys(shapes) as (keyof typeof shapes)[];

/** File number `n` of a seed: every shape in turn, each file independent of the others. */
export const generatedFile = (seed: number, n: number): WrittenFile => {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b)).fork();
  const shape = shapeNames[n % shapeNames.length] ?? 'commas';
  return shapes[shape](random, shape);
};
