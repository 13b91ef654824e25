import { cpus } from 'node:os';

import { onInterrupt, readOptions, RunFolder, runToExit, Servers } from '@pulser/harness';
import { z } from 'zod';

import type { Stage } from '../run/stage.js';
import { breakageNames } from './breakages.js';
import { agentAndStandIn, Drill, type DrillOptions, usual } from './drill.js';
import { brokenPromises, type DrillRecord, drillTable } from './report.js';

const usage = `usage: npm run drill -- AGENT --fault ${breakageNames.join('|')} [--times 1] [--health 1|3] [--rate 5] [--seed 1] [--returned] [--minutes 5] [--suite forky|trixie] [--instance NAME]
       npm run drill -- AGENT --record 3 [--rate 5] ...
breaks the agent under load and prints how long it took to notice, to reroute and to recover, what became of the tasks, and the alerts;
with --record breaks nothing and writes what is seen of it in so many minutes`;

const number = z.coerce.number().int();

const Options = z.strictObject({
  /** One, or several with commas. */
  fault: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(breakageNames)))
    .optional(),
  /** Minutes. */
  record: z.coerce.number().positive().max(60).optional(),
  /** Drills of each fault. */
  times: number.min(1).max(1_000).default(1),
  health: z.enum(['1', '3']).default('1'),
  /** Tasks per second. */
  rate: number.min(1).max(500).default(5),
  seed: number.min(0).default(1),
  /** Of an agent that flaps. */
  minutes: z.coerce.number().positive().max(60).default(5),
  /** Waits until all tasks of the agent go to it again. */
  returned: z.boolean().default(false),
  suite: z.enum(['forky', 'trixie']).default('forky'),
  instance: z.string().default('drill'),
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Options = z.output<typeof Options>;

/** Where drills are done, and what is given up when they are interrupted. */
interface Place {
  readonly servers: Servers;
  readonly folder: string;
  readonly onStage: (stage: Stage) => void;
}

const drillOptions = (
  agent: string,
  fault: DrillOptions['fault'],
  { health, rate, seed, minutes, returned }: Options,
): DrillOptions => ({
  ...{ agent, fault, rate, seed, untilReturned: returned, wayBack: usual.wayBack },
  health: health === '3' ? 3 : 1,
  flap: { ...usual.flap, forMs: minutes * 60_000 },
});

const record = async (agent: string, minutes: number, options: Options, place: Place): Promise<number> => {
  const folder = new RunFolder('drill', `${place.folder}/recording`);
  const drill = new Drill(drillOptions(agent, 'kill', options), folder, print);
  const words = `${minutes} min of ${agent} under ${options.rate} tasks a second, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`;
  const recording = await drill.record(place.servers, minutes * 60, words, place.onStage);
  folder.write('recording.json', JSON.stringify(recording));
  print(folder.file('recording.json'));
  return 0;
};

const drillAll = async (
  agent: string,
  faults: NonNullable<Options['fault']>,
  options: Options,
  place: Place,
): Promise<number> => {
  const records: DrillRecord[] = [];
  for (const fault of faults)
    for (let n = 1; n <= options.times; n += 1) {
      const folder = new RunFolder('drill', `${place.folder}/${fault}-${n}`);
      const drill = new Drill(drillOptions(agent, fault, { ...options, seed: options.seed + n }), folder, print);
      const found = await drill.run(place.servers, place.onStage);
      records.push(found);
      folder.write('drill.json', JSON.stringify(found, undefined, 2));
      print(JSON.stringify(found));
    }
  print(drillTable(records));
  const broken = brokenPromises(records);
  for (const line of broken) print(`BROKEN ${line}`);
  return broken.length === 0 ? 0 : 1;
};

const main = async (): Promise<number> => {
  const [agent = '', ...args] = process.argv.slice(2);
  const options = readOptions(Options, args, ['returned']);
  const { fault: faults, record: minutes, suite, instance } = options;
  agentAndStandIn(agent);
  if ((faults === undefined) === (minutes === undefined)) throw new TypeError('give either --fault or --record');
  const servers = await Servers.up(suite, instance);
  let stage: Stage | undefined;
  onInterrupt(async () => {
    await Promise.all(stage?.fleet.members.map(({ service }) => service.end('SIGKILL')) ?? []);
    await servers.down();
  });
  const folder = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${agent}`;
  const place: Place = { servers, folder, onStage: (set) => (stage = set) };
  try {
    return await (faults === undefined
      ? record(agent, minutes ?? 0, options, place)
      : drillAll(agent, faults, options, place));
  } finally {
    await servers.down();
  }
};

await runToExit(main, usage);
