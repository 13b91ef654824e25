import { onInterrupt, readOptions, RunFolder, runToExit, Servers } from '@pulser/harness';
import { z } from 'zod';

import type { Stage } from '../run/stage.js';
import { breakageNames } from './breakages.js';
import { agentAndStandIn, Drill } from './drill.js';
import { brokenPromises, type DrillRecord, drillTable } from './report.js';

const usage = `usage: npm run drill -- AGENT --fault ${breakageNames.join('|')} [--times 1] [--health 1|3] [--rate 5] [--seed 1] [--returned] [--suite forky|trixie] [--instance NAME]
breaks the agent under load and prints how long it took to notice, to reroute and to recover, what became of the tasks, and the alerts`;

const number = z.coerce.number().int();

const Options = z.strictObject({
  /** One, or several with commas. */
  fault: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(breakageNames))),
  /** Drills of each fault. */
  times: number.min(1).max(1_000).default(1),
  health: z.enum(['1', '3']).default('1'),
  /** Tasks per second. */
  rate: number.min(1).max(500).default(5),
  seed: number.min(0).default(1),
  /** Waits until all tasks of the agent go to it again. */
  returned: z.boolean().default(false),
  suite: z.enum(['forky', 'trixie']).default('forky'),
  instance: z.string().default('drill'),
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const main = async (): Promise<number> => {
  const [agent = '', ...args] = process.argv.slice(2);
  const {
    fault: faults,
    times,
    health,
    rate,
    seed,
    returned,
    suite,
    instance,
  } = readOptions(Options, args, ['returned']);
  agentAndStandIn(agent);
  const folder = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${agent}`;
  const servers = await Servers.up(suite, instance);
  let stage: Stage | undefined;
  onInterrupt(async () => {
    await Promise.all(stage?.fleet.members.map(({ service }) => service.end('SIGKILL')) ?? []);
    await servers.down();
  });
  const records: DrillRecord[] = [];
  try {
    for (const fault of faults)
      for (let n = 1; n <= times; n += 1) {
        const place = new RunFolder('drill', `${folder}/${fault}-${n}`);
        const options = { agent, fault, rate, seed: seed + n, untilReturned: returned } as const;
        const drill = new Drill({ ...options, health: health === '3' ? 3 : 1 }, place, print);
        const record = await drill.run(servers, (set) => (stage = set));
        records.push(record);
        place.write('drill.json', JSON.stringify(record, undefined, 2));
        print(JSON.stringify(record));
      }
  } finally {
    await servers.down();
  }
  print(drillTable(records));
  const broken = brokenPromises(records);
  for (const line of broken) print(`BROKEN ${line}`);
  return broken.length === 0 ? 0 : 1;
};

await runToExit(main, usage);
