import { readOptions, runToExit } from '@pulser/harness';
import { z } from 'zod';

import { readBack } from './check/reading.js';
import { RunLog } from './report.js';
import { broken, runFuzz } from './run.js';

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

const main = async (): Promise<number> => {
  const { seed, only, ...asked } = readOptions(FuzzOptions, process.argv.slice(2));
  const range = only === undefined ? asked : { from: only, files: 1 };
  const log = new RunLog({ seed, ...range }, only !== undefined, say);
  const totals = await runFuzz({ seed, ...range }, readBack, log.each);
  log.end(totals);
  const failures = broken(totals);
  failures.forEach(say);
  return failures.length === 0 ? 0 : 1;
};

await runToExit(main, usage);
