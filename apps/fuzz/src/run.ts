// A run: files are written, read and judged, several at once, and the totals are compared with what is promised.
import { availableParallelism } from 'node:os';

import { RunFolder } from '@pulser/harness';

import { type Answer, type Judgement, judged } from './check/check.policy.js';
import { payloadOf } from './check/reading.js';
import { generatedFile } from './files/shapes.js';
import type { WrittenFile } from './files/written-file.js';

export type Reader = (file: WrittenFile) => Promise<Answer>;

export interface FuzzOptions {
  readonly seed: number;
  /** Number of the first file, and how many. */
  readonly from: number;
  readonly files: number;
}

const counters = ['exact', 'keptAsText', 'wrong', 'unambiguous', 'typed', 'goodRows', 'goodRowsRefused'] as const;
export type Totals = Record<
  (typeof counters)[number] | 'files' | 'refused' | 'wellFormed' | 'wellFormedRefused' | 'faulty',
  number
>;

/** Adds up judgements. */
export class Tally {
  readonly totals: Totals = {
    files: 0, refused: 0, wellFormed: 0, wellFormedRefused: 0, faulty: 0,
    exact: 0, keptAsText: 0, wrong: 0, unambiguous: 0, typed: 0, goodRows: 0, goodRowsRefused: 0,
  }; // prettier-ignore

  add(judgement: Judgement): void {
    const { totals } = this;
    const refused = judgement.outcome === 'refused' ? 1 : 0;
    totals.files += 1;
    totals.refused += refused;
    totals.wellFormed += judgement.wellFormed ? 1 : 0;
    totals.wellFormedRefused += judgement.wellFormed ? refused : 0;
    totals.faulty += judgement.faults.length > 0 ? 1 : 0;
    for (const name of counters) totals[name] += judgement[name];
  }
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** What is promised of the totals; the broken ones in words. */
export const broken = (totals: Totals): string[] => {
  const typed = share(totals.typed, totals.unambiguous);
  const refusedFiles = share(totals.wellFormedRefused, totals.wellFormed);
  const refusedRows = share(totals.goodRowsRefused, totals.goodRows);
  return [
    ...(totals.faulty > 0 ? [`${totals.faulty} files were read wrong without a word`] : []),
    ...(totals.unambiguous > 0 && typed < 0.95
      ? [`only ${(typed * 100).toFixed(2)} % of unambiguous cells came back typed`]
      : []),
    ...(refusedFiles > 0.01 ? [`${(refusedFiles * 100).toFixed(2)} % of well-formed files were refused`] : []),
    ...(refusedRows > 0.01 ? [`${(refusedRows * 100).toFixed(2)} % of good rows were refused`] : []),
  ];
};

/** Keeps what is needed to understand and to repeat a file. @returns its folder */
export const keepEvidence = (
  seed: number,
  n: number,
  file: WrittenFile,
  answer: Answer,
  { faults }: Judgement,
): string => {
  const folder = new RunFolder('fuzz', `${seed}-${n}`);
  const { bytes, rows, ...about } = file;
  folder.write(`file.${file.format}`, bytes.toString(file.encoding === 'utf-8' ? 'utf8' : 'latin1'));
  folder.write('payload.json', JSON.stringify(payloadOf(file)));
  folder.write('expected.json', JSON.stringify({ ...about, rows }, undefined, 1));
  folder.write('got.json', JSON.stringify(answer, undefined, 1));
  folder.write('faults.json', JSON.stringify(faults.slice(0, 50), undefined, 1));
  return folder.path;
};

/** What is done with each judgement. */
export type OnJudgement = (n: number, file: WrittenFile, answer: Answer, judgement: Judgement) => void;

// The skill runs as many sandboxes as there are cores; the others are being written and judged meanwhile.
const atOnce = availableParallelism() + 2;

/** Reads the files of a run. */
export const runFuzz = async (
  { seed, from, files }: FuzzOptions,
  read: Reader,
  each?: OnJudgement,
): Promise<Totals> => {
  const tally = new Tally();
  const numbers = Array.from({ length: files }, (_, at) => from + at).values();
  const work = async (): Promise<void> => {
    for (const n of numbers) {
      const file = generatedFile(seed, n);
      const answer = await read(file);
      const judgement = judged(file, answer);
      tally.add(judgement);
      each?.(n, file, answer, judgement);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally.totals;
};
