// What a run prints.
import type { Judgement } from './check/check.policy.js';
import type { WrittenFile } from './files/written-file.js';
import { type FuzzOptions, keepEvidence, type OnJudgement, Tally, type Totals } from './run.js';

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

/** Totals per shape of file. */
class ShapeTable {
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

const progressEvery = 1_000;
/** Files of a broken reader that are kept; the others are only named. */
const maxKept = 200;

/** Prints what a run comes to, and keeps the files that show something wrong. */
export class RunLog {
  private readonly table = new ShapeTable();
  private readonly started = performance.now();
  private done = 0;
  private kept = 0;

  /** @param keepAll keeps files about which nothing is wrong, too */
  constructor(
    private readonly run: FuzzOptions,
    private readonly keepAll: boolean,
    private readonly say: (line: string) => void,
  ) {}

  readonly each: OnJudgement = (n, file, answer, judgement) => {
    this.table.add(file, judgement);
    this.done += 1;
    const [fault] = judgement.faults;
    if (fault !== undefined || this.keepAll) {
      this.kept += 1;
      const folder = this.kept > maxKept ? '(not kept)' : keepEvidence(this.run.seed, n, file, answer, judgement);
      this.say(`${n} ${file.shape}: ${JSON.stringify(fault ?? judgement).slice(0, 500)} -> ${folder}`);
    } else if (judgement.wellFormed && answer.kind === 'refused') {
      this.say(`${n} ${file.shape} refused: ${answer.code} ${answer.message.slice(0, 300)}`);
    }
    if (this.done % progressEvery === 0) this.say(`${this.done} of ${this.run.files} files, ${this.seconds} s`);
  };

  end(totals: Totals): void {
    const { seed, from, files } = this.run;
    [...this.table.lines, '', ...summary(totals)].forEach(this.say);
    this.say(`seed ${seed}, files ${from} to ${from + files - 1}, ${this.seconds} s`);
  }

  private get seconds(): number {
    return Math.round((performance.now() - this.started) / 1_000);
  }
}
