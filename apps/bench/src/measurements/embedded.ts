import { EmbeddedRunning } from '../contestants/embedded.contestant.js';
import { openLoop } from '../load/open-loop.js';
import { round, whileRunning } from '../load/stretch.js';
import { figuresOf, latencyColumns, latencyRow, spread, spreadText } from '../report/figures.policy.js';
import { compare, type Measurement, sampleOf } from './measurement.js';

const name = 'embedded mode';

/** Tasks per second. */
const calm = 50;
const calmS = 20;

const notes = [
  'One process with PGlite, as `npm start` runs it; but the operation of its agent does nothing, by a module loaded before it (`no-work.preload.ts`).',
];

/** All of Pulser in one process: throughput, and latency at a low rate. */
export const embedded: Measurement = async (bench) => {
  const { machine, options } = bench;
  let starts = 0;
  const start = (): Promise<EmbeddedRunning> => EmbeddedRunning.start(machine, `embedded-${++starts}`);
  const measure = () => whileRunning(start(), async (running) => sampleOf(running, await round(running, options)));
  const { rounds, failures } = await compare([{ name, measure }], bench);
  const { finished } = await whileRunning(start(), async (running) => {
    await round(running, { seconds: 1, warmup: 1 });
    return openLoop(running, { perSecond: calm, tasks: calm * calmS, seed: options.seed, oneOf: 1 });
  });
  const speed = spreadText(spread(figuresOf(rounds, name)));
  const tables = [
    { title: 'Embedded mode', columns: ['', 'tasks a second: median (least .. most)'], rows: [[name, speed]], notes },
    {
      title: 'Embedded mode: latency',
      columns: latencyColumns,
      rows: [latencyRow(`at ${calm} a second: until finished`, finished)],
      notes: [],
    },
  ];
  return { tables, failures: [...failures] };
};
