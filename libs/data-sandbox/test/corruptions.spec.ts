// Files that went bad in seeded ways. `CORRUPTIONS=1000` makes it the lane; every run prints its seed when it fails.
import { parse } from 'csv-parse/sync';

import { agreedOn, readOneWay } from './read-both-ways.js';

const corruptions = Number(process.env['CORRUPTIONS'] ?? 100);

/** Numbers from a seed, from 0 to below `below`: mulberry32. */
const numbersFrom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

type Draw = (below: number) => number;

const header = 'id,day,name,amount,note';

const row = (draw: Draw, at: number): string => {
  const note = ['plain', '"with, comma"', '"with ""quotes"""', '""', ''][draw(5)] ?? '';
  return `${at},2024-0${1 + draw(9)}-1${draw(10)},name ${draw(100)},${draw(1_000)}.${1 + draw(9)},${note}`;
};

/** A line of a file; a broken one is refused by itself, whatever a library makes of its quotes. */
interface Line {
  readonly text: string;
  readonly broken?: boolean;
}

const cellsOf = (text: string): string[] => text.split(',');

/** Ways to spoil a line; each gives the lines that stand for it then. */
const spoil: readonly ((line: string, draw: Draw) => Line[])[] = [
  (line) => [{ text: cellsOf(line).slice(0, 3).join(',') }],
  (line) => [{ text: `${line},one,more` }],
  (line) => [{ text: line }, { text: line }],
  (line) => [{ text: line }, { text: '' }],
  (line) => [{ text: line }, { text: header }],
  (line) => [{ text: `${line}\r` }],
  (line) => [{ text: line.replace('name', 'na"me') }],
  (line) => [{ text: line.replace('name', '"name'), broken: true }],
  (line) => [{ text: line.replace(/name \d+/, '"name" or not'), broken: true }],
  (line) => [{ text: line.replace(/,name.*/, '') }],
  (line) => [{ text: line.replace(/\d\.\d/, 'n/a') }],
  (line) => [{ text: line.replace('name', 'n\u00e4m\u00e9 \ud83d\ude00') }],
  (line, draw) => [{ text: line.replace(/-0\d-/, `-${13 + draw(80)}-`) }],
  (line) => [{ text: `sum of all so far` }, { text: line }],
  (line) => [{ text: line.replace(/name \d+/, '"name\nover two lines"') }],
  () => [],
];

const corrupted = (seed: number): readonly Line[] => {
  const draw = numbersFrom(seed);
  const lines = Array.from({ length: 40 }, (_, at): Line[] => [{ text: row(draw, at) }]);
  for (let times = 1 + draw(6); times > 0; times -= 1) {
    const at = draw(lines.length);
    const [line, ...others] = lines[at] ?? [];
    const way = spoil[draw(spoil.length)];
    if (line === undefined || others.length > 0 || line.broken === true || way === undefined) continue;
    lines[at] = way(line.text, draw);
  }
  return lines.flat();
};

/** Records below the header as csv-parse counts them, and the broken lines. */
const recordsIn = (lines: readonly Line[], end: string): number => {
  const text = [header, ...lines.filter(({ broken }) => broken !== true).map((line) => line.text)].join('\n') + end;
  const records: string[][] = parse(text, {
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  return records.length - 1 + lines.filter(({ broken }) => broken === true).length;
};

describe('a corrupted CSV file', () => {
  const pieces = Math.ceil(corruptions / 25);
  it.each(Array.from({ length: pieces }, (_, piece) => piece))(
    'has as many rows as csv-parse counts, kept or refused, read at once or in passes: piece %d',
    async (piece) => {
      for (let seed = piece * 25; seed < Math.min(corruptions, (piece + 1) * 25); seed += 1) {
        const lines = corrupted(seed);
        const end = seed % 3 === 0 ? '' : '\n';
        const text = [header, ...lines.map((line) => line.text)].join('\n') + end;
        const expected = recordsIn(lines, end);
        const [once, passes] = [await readOneWay(text, false), await readOneWay(text, true, {}, 600)];
        for (const { answer } of [once, passes]) {
          const [report] = answer.kind === 'done' ? answer.done.sources : [];
          expect({
            seed,
            rows: (report?.rows ?? 0) + (report?.rows_refused ?? 0),
            answer: report ? 'done' : answer,
          }).toEqual({
            seed,
            rows: expected,
            answer: 'done',
          });
        }
        expect({ seed, ...agreedOn(passes) }).toEqual({ seed, ...agreedOn(once) });
      }
    },
    240_000,
  );
});
