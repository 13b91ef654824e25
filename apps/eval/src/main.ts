import { fileURLToPath } from 'node:url';

import { readOptions, runToExit } from '@pulser/harness';
import { z } from 'zod';

import { casesIn } from './case.js';
import { modelOf, record } from './record.js';
import { passes, reportOf } from './report.js';
import { evaluateAll } from './run.js';

const folder = fileURLToPath(new URL('../cases', import.meta.url));

const EvalOptions = z.strictObject({
  agent: z.string().optional(),
  /** One case alone. */
  only: z.string().optional(),
  /** `yes`: a real model answers, and what it says is kept in the cases. */
  record: z.enum(['yes', 'no']).default('no'),
});

const usage = 'usage: npm run eval -- [--agent dash] [--only <case>] [--record yes]';

const main = async (): Promise<number> => {
  const { agent, only, record: wanted } = readOptions(EvalOptions, process.argv.slice(2));
  const chosen = async () =>
    (await casesIn(folder)).filter(
      (one) => (agent === undefined || one.agent === agent) && (only === undefined || one.name === only),
    );
  if (wanted === 'yes') {
    const client = modelOf(process.env);
    for (const one of await chosen()) await record(one, client);
  }
  const evaluated = await evaluateAll(await chosen());
  for (const line of reportOf(evaluated)) process.stdout.write(`${line}\n`);
  return evaluated.length > 0 && evaluated.every(({ outcome }) => passes(outcome)) ? 0 : 1;
};

await runToExit(main, usage);
