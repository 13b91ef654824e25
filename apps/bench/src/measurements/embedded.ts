import { EmbeddedRunning } from '../contestants/embedded-running.js';
import { openLoop } from '../load/open-loop.js';
import { spreadText } from '../report/figure.policy.js';
import { latencyColumns, latencyRow } from '../report/latency-table.js';
import { figuresOf, spread } from '../statistics/spread.policy.js';
import { finishedPerS, round } from '../stretch/round.js';
import { whileRunning } from '../stretch/while-running.js';
import { compare } from './comparison.js';
import type { Measurement } from './measurement.js';

const name = 'embedded mode';

/** A second. */
const calm = 50;
const calmS = 20;

const notes = [
  'One process with PGlite, as `npm start` runs it; but the operation of its agent does nothing, by a module loaded before it (`src/layers`).',
];

/** All of Pulser in one process: how fast, and how soon while there is room. */
export const embedded: Measurement = async (bench) => {
  const { machine, options } = bench;
  let starts = 0;
  const start = (): Promise<EmbeddedRunning> => EmbeddedRunning.start(machine, `embedded-${++starts}`);
  const measure = (): Promise<number> =>
    whileRunning(start(), async (running) => finishedPerS(await round(running, options.seconds)));
  const { rounds, failures } = await compare([{ name, measure }], bench);
  const { finished } = await whileRunning(start(), async (running) => {
    await round(running, 1);
    return openLoop(running, { perSecond: calm, tasks: calm * calmS, seed: options.seed });
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
