import { globSync } from 'node:fs';

import { messageOf } from '@pulser/service-kit';

import { runOptions, usage } from './options/run-options.js';
import { isKept, printOutcome } from './report/print-outcome.js';
import { ChaosRun } from './run/chaos-run.js';
import { RunFolder } from './run/run-folder.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Servers and processes must not outlive the run. */
const onInterrupt = (abandon: () => Promise<void>): void => {
  const stop = (): void => {
    void abandon().finally(() => {
      process.exit(130);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
};

const main = async (): Promise<number> => {
  const options = runOptions(process.argv.slice(2));
  const folder = new RunFolder(`${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${options.suite}`);
  const run = new ChaosRun(options, folder, print);
  onInterrupt(() => run.abandon());
  const outcome = await run.run();
  printOutcome(outcome, folder, globSync(folder.file('*-[0-9].log')), print);
  return isKept(outcome) ? 0 : 1;
};

try {
  // Not by waiting for what is left: half-closed sockets of broken connections can keep a process for ever.
  process.exit(await main());
} catch (error) {
  const mistaken = error instanceof TypeError;
  process.stderr.write(`${messageOf(error)}\n${mistaken ? `${usage}\n` : ''}`);
  process.exitCode = mistaken ? 64 : 1;
}
