import { globSync } from 'node:fs';

import { onInterrupt, RunFolder, runToExit } from '@pulser/harness';

import { isKept, printOutcome } from './report/report.js';
import { ChaosRun, runOptions, usage } from './run/run.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const main = async (): Promise<number> => {
  const options = runOptions(process.argv.slice(2));
  const folder = new RunFolder('chaos', `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${options.suite}`);
  const run = new ChaosRun(options, folder, print);
  onInterrupt(() => run.abandon());
  const outcome = await run.run();
  printOutcome(outcome, folder, globSync(folder.file('*-[0-9].log')), print);
  return isKept(outcome) ? 0 : 1;
};

await runToExit(main, usage);
