import { readOptions, runToExit } from '@pulser/harness';
import { z } from 'zod';

import type { Answer, Judgement } from './check/check.policy.js';
import type { WrittenFile } from './files/written-file.js';
import { ShapeTable, summary } from './report.js';
import { broken, keepEvidence, runFuzz } from './run.js';

const whole = z.coerce.number().int().min(0);

const FuzzOptions = z.strictObject({
  files: whole.min(1).default(20_000),
  seed: whole.default(1),
  /** Number of the first file: a run can be done in pieces. */
  from: whole.default(0),
  /** Reads this file alone, and keeps it whatever it comes to. */
  only: whole.optional(),
});

const usage = 'usage: npm run fuzz -- [--files 20000] [--seed 1] [--from 0] [--only N]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const progressEvery = 1_000;

const main = async (): Promise<number> => {
  const { seed, only, ...asked } = readOptions(FuzzOptions, process.argv.slice(2));
  const { from, files } = only === undefined ? asked : { from: only, files: 1 };
  const table = new ShapeTable();
  const started = performance.now();
  let done = 0;
  const each = (n: number, file: WrittenFile, answer: Answer, judgement: Judgement): void => {
    table.add(file, judgement);
    done += 1;
    const [fault] = judgement.faults;
    if (fault !== undefined || only !== undefined) {
      const folder = keepEvidence(seed, n, file, answer, judgement);
      say(`${n} ${file.shape}: ${JSON.stringify(fault ?? judgement).slice(0, 500)} -> ${folder}`);
    } else if (judgement.wellFormed && answer.kind === 'refused') {
      say(`${n} ${file.shape} refused: ${answer.code} ${answer.message.slice(0, 300)}`);
    }
    if (done % progressEvery === 0)
      say(`${done} of ${files} files, ${Math.round((performance.now() - started) / 1_000)} s`);
  };
  const totals = await runFuzz({ seed, from, files }, undefined, each);
  [...table.lines, '', ...summary(totals)].forEach(say);
  say(`seed ${seed}, files ${from} to ${from + files - 1}, ${Math.round((performance.now() - started) / 1_000)} s`);
  const failures = broken(totals);
  failures.forEach(say);
  return failures.length === 0 ? 0 : 1;
};

await runToExit(main, usage);
