import type { PulserRunning } from '../contestants/pulser-running.js';
import { startPulser } from '../contestants/pulser.contestant.js';
import { batchBody } from '../load/task-body.policy.js';
import { spreadText } from '../report/figure.policy.js';
import { figuresOf, ratios, type Round, spread } from '../statistics/spread.policy.js';
import { acceptedPerS, finishedPerS, round } from '../stretch/round.js';
import { type Stretch, stretch } from '../stretch/stretch.js';
import { whileRunning } from '../stretch/while-running.js';
import { compare } from './comparison.js';
import type { Bench, Measurement } from './measurement.js';

const tasksPerRequest = 1_000;

/** Batches under way at the same time. */
const connections = 4;
const warmUpRequests = 10;

const single = 'one task a request';
const accepted = 'accepted';
const finished = 'finished';

const send = (running: PulserRunning, requests: number): Promise<Stretch> =>
  stretch({
    running,
    loads: running.posts('/api/v1/tasks/batch', batchBody(tasksPerRequest)),
    requests,
    tasksPerRequest,
    connections,
  });

const batchRound = async (running: PulserRunning, seconds: number): Promise<Stretch> => {
  const warm = await send(running, warmUpRequests);
  const found = await send(running, Math.ceil((finishedPerS(warm) * seconds) / tasksPerRequest));
  await running.verify();
  return found;
};

const oneByOne = ({ machine, options }: Bench): Promise<number> =>
  whileRunning(startPulser(machine), async (running) => finishedPerS(await round(running, options.seconds)));

const notes = [
  `POST /api/v1/tasks/batch with ${tasksPerRequest} tasks each, ${connections} requests under way at the same time.`,
  'Accepted: until the last batch is answered. Finished: until the last task has ended.',
];

/** Many tasks a request, beside one task a request in the same round. */
export const batches: Measurement = async (bench) => {
  const { machine, options } = bench;
  const acceptedRates: number[] = [];
  const variants = [
    { name: single, measure: () => oneByOne(bench) },
    {
      name: finished,
      measure: async () => {
        const found = await whileRunning(startPulser(machine), (running) => batchRound(running, options.seconds));
        acceptedRates.push(acceptedPerS(found));
        return finishedPerS(found);
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
