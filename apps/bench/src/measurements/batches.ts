import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { batchBody } from '../load/blast.js';
import {
  acceptedPerS,
  finishedPerS,
  measured,
  round,
  type RoundLength,
  type Stretch,
  stretch,
  whileRunning,
} from '../load/stretch.js';
import { figuresOf, ratios, type Round, spread, spreadText } from '../report/figures.policy.js';
import { type Bench, compare, type Measurement, sampleOf } from './measurement.js';

const tasksPerRequest = 1_000;

/** Concurrent batches. */
const connections = 4;

const single = 'one task a request';
const accepted = 'accepted';
const finished = 'finished';

const send = (running: PulserRunning, tasks: number): Promise<Stretch> =>
  stretch({
    running,
    loads: running.posts('/api/v1/tasks/batch', batchBody(tasksPerRequest)),
    requests: Math.ceil(tasks / tasksPerRequest),
    tasksPerRequest,
    connections,
  });

const batchRound = async (running: PulserRunning, length: RoundLength): Promise<Stretch> => {
  const found = await measured((tasks) => send(running, tasks), length);
  await running.verify();
  return found;
};

const oneByOne = ({ machine, options }: Bench) =>
  whileRunning(startPulser(machine), async (running) => sampleOf(running, await round(running, options)));

const notes = [
  `POST /api/v1/tasks/batch with ${tasksPerRequest} tasks each, ${connections} requests under way at the same time.`,
  'Accepted: until the last batch is answered. Finished: until the last task has ended.',
];

/** Many tasks per request, compared with one task per request in the same round. */
export const batches: Measurement = async (bench) => {
  const { machine, options } = bench;
  const acceptedRates: number[] = [];
  const variants = [
    { name: single, measure: () => oneByOne(bench) },
    {
      name: finished,
      measure: async () => {
        const found = await whileRunning(startPulser(machine), (running) => batchRound(running, options));
        acceptedRates.push(acceptedPerS(found));
        return { perS: finishedPerS(found), loadUs: found.loadUs };
      },
    },
  ];
  const { rounds, failures } = await compare(variants, bench);
  return { tables: [table(rounds, acceptedRates)], failures: [...failures] };
};

const table = (rounds: readonly Round[], acceptedRates: readonly number[]) => ({
  title: 'Batches',
  columns: ['', 'tasks a second: median (least .. most)', `to ${single}, by round`],
  rows: [
    [single, spreadText(spread(figuresOf(rounds, single))), ''],
    [accepted, spreadText(spread(acceptedRates)), ''],
    [finished, spreadText(spread(figuresOf(rounds, finished))), spreadText(spread(ratios(rounds, finished, single)))],
  ],
  notes,
});
