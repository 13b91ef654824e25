// What a run prints.
import type { Judgement } from './check/check.policy.js';
import type { WrittenFile } from './files/written-file.js';
import { Tally, type Totals } from './run.js';

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

/** Totals per shape of file. */
export class ShapeTable {
  private readonly shapes = new Map<string, Tally>();

  add({ shape }: WrittenFile, judgement: Judgement): void {
    const tally = this.shapes.get(shape) ?? new Tally();
    this.shapes.set(shape, tally);
    tally.add(judgement);
  }

  get lines(): string[] {
    const line = (name: string, totals: Totals): string =>
      [
        name,
        totals.files,
        totals.exact,
        totals.keptAsText,
        totals.refused,
        totals.faulty,
        percent(totals.typed, totals.unambiguous),
      ].join(' | ');
    const rows = [...this.shapes].map(([name, { totals }]) => `| ${line(name, totals)} |`);
    return [
      '| shape | files | cells exact | kept as text | files refused | wrong | typed |',
      '|---|---:|---:|---:|---:|---:|---:|',
      ...rows,
    ];
  }
}

/** The figures of the whole run. */
export const summary = (totals: Totals): string[] => [
  `files                         ${totals.files}`,
  `values read exactly           ${totals.exact}`,
  `values kept as text           ${totals.keptAsText}`,
  `values wrong without a word   ${totals.wrong} (in ${totals.faulty} files, with rows, columns and warnings)`,
  `files refused with a reason   ${totals.refused}; of the well-formed ones ${percent(totals.wellFormedRefused, totals.wellFormed)}`,
  `good rows refused             ${percent(totals.goodRowsRefused, totals.goodRows)}`,
  `unambiguous cells typed       ${percent(totals.typed, totals.unambiguous)} of ${totals.unambiguous}`,
];
