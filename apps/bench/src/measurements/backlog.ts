import { Backlog } from '../backlog/backlog.store.js';
import type { PulserRunning } from '../contestants/pulser-running.js';
import { startPulser } from '../contestants/pulser.contestant.js';
import { type Footprint, footprint, highest } from '../machine/footprint.js';
import { megabytes, wholeNumber } from '../report/figure.policy.js';
import { finishedPerS, round } from '../stretch/round.js';
import { steadyRate } from '../stretch/steady-rate.js';
import { whileRunning } from '../stretch/while-running.js';
import { comparedWithBase } from './comparison.js';
import type { Bench, Measurement } from './measurement.js';

const sizes = [0, 100_000, 1_000_000] as const;

/** Seconds of load beyond those that are measured. */
const extraS = 3;
const warmS = 3;

const nameOf = (size: number): string => `${wholeNumber(size)} waiting`;

/** One size: its rate by round, and what the processes held at most. */
class Waiting {
  private footprints: Footprint[] = [];
  private least = Infinity;

  constructor(
    private readonly size: number,
    private readonly bench: Bench,
  ) {}

  readonly measure = (): Promise<number> =>
    whileRunning(startPulser(this.bench.machine), (running) => this.measured(running));

  get variant() {
    return { name: nameOf(this.size), measure: this.measure };
  }

  get memoryRow(): string[] {
    const all = [...highest(this.footprints)].map(([process, bytes]) => `${process} ${megabytes(bytes)}`);
    return [nameOf(this.size), wholeNumber(Math.min(this.least, this.size)), all.join(', ')];
  }

  private async measured(running: PulserRunning): Promise<number> {
    const { machine, options } = this.bench;
    const { database, url, tenants } = running.system.store;
    const backlog = new Backlog(database, url);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error('there is no tenant');
    const warm = finishedPerS(await round(running, warmS));
    await backlog.fill(tenant.id, this.size);
    const rate = await steadyRate(running, Math.round(warm * (options.seconds + extraS)));
    this.footprints.push(footprint(running, machine));
    this.least = Math.min(this.least, await backlog.size());
    return rate;
  }
}

const notes = [
  'What waits is of the same agent and tenant, with a lower priority. Counted is every task that ends while medium tasks come as fast as they are answered, those of the backlog too.',
];

/** What it costs that much waits already. */
export const backlog: Measurement = async (bench) => {
  const all = sizes.map((size) => new Waiting(size, bench));
  const variants = all.map(({ variant }) => variant);
  const found = await comparedWithBase(variants, bench, { title: 'Backlog', base: nameOf(0), notes });
  const held = {
    title: 'Backlog: what was left of it, and memory',
    columns: ['', 'still waiting at the end, at least', 'MB, at most'],
    rows: all.map(({ memoryRow }) => memoryRow),
    notes: [],
  };
  return { ...found, tables: [...found.tables, held] };
};
