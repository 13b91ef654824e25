import { onInterrupt, RunFolder, runToExit, Servers } from '@pulser/harness';

import { type BenchOptions, benchOptions, usage } from './measurements/options.js';
import { merged, readResult, ResultFile, writeReport } from './report/report.js';
import { chosenContestants, installed, machineFacts, measure } from './run.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const run = async (options: BenchOptions): Promise<number> => {
  const chosen = chosenContestants(options.peers);
  const folder = new RunFolder('bench', options.run ?? new Date().toISOString().replaceAll(/[:.]/g, '-'));
  const servers = await Servers.up(options.suite, options.instance, 'disk');
  onInterrupt(() => servers.down());
  try {
    const file = new ResultFile(folder.file('result.json'), await machineFacts(servers));
    const machine = { databaseUrl: servers.databaseUrl, amqpUrl: servers.amqpUrl, folder: folder.path };
    const failures = await measure({ machine, ...(await installed(chosen)), options, say }, file);
    say(`results: ${file.path}`);
    if (options.write) writeReport(file.contents).forEach(say);
    return failures.length === 0 ? 0 : 1;
  } finally {
    await servers.down();
  }
};

const main = async (): Promise<number> => {
  const options = benchOptions(process.argv.slice(2));
  if (options.report === undefined) return run(options);
  writeReport(merged(options.report.map(readResult))).forEach(say);
  return 0;
};

await runToExit(main, usage);
