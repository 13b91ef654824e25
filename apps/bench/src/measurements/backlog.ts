// Throughput while a backlog waits, and what the processes hold meanwhile.
import { type Database, statement } from '@pulser/database';
import { administer } from '@pulser/harness';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { taskBody } from '../load/blast.js';
import { finishedPerS, round, steadyRate, whileRunning } from '../load/stretch.js';
import { megabytes, wholeNumber } from '../report/figures.policy.js';
import { type Bench, comparedWithBase, type Measurement } from './measurement.js';
import { type Footprint, footprint, highest } from './processes.js';

// Of the same agent as the measured tasks: a low task waits until no other does.
const fill = statement(
  'bench.fill-backlog',
  `insert into task_queue (tenant_id, task_type, priority, assigned_agent, status, payload, due_at)
   select $1, 'testing', 'low', 'echo', 'queued', $2::json -> 'payload', now() from generate_series(1, $3)`,
);

const waiting = statement(
  'bench.waiting',
  `select count(*)::int as count from task_queue
   where status = 'queued' and assigned_agent = 'echo' and priority = 'low'`,
);

/** Waiting tasks behind all others. */
class BacklogRows {
  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {}

  /** In one statement; vacuum and checkpoint follow at once, so that they do not run during the measurement. */
  async fill(tenantId: string, tasks: number): Promise<void> {
    if (tasks === 0) return;
    await this.database.query(fill, [tenantId, taskBody, tasks]);
    await administer(this.url, ['vacuum analyze task_queue', 'checkpoint']);
  }

  async size(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(waiting);
    return row?.count ?? 0;
  }
}

const sizes = [0, 100_000, 1_000_000] as const;

/** Load before the measured stretch has settled, in seconds. */
const extraS = 3;
const warmS = 3;

const nameOf = (size: number): string => `${wholeNumber(size)} waiting`;

/** One size of backlog: its rate by round, and the maximum memory of the processes. */
class Waiting {
  private footprints: Footprint[] = [];
  private least = Infinity;

  constructor(
    private readonly size: number,
    private readonly bench: Bench,
  ) {}

  readonly measure = () =>
    whileRunning(startPulser(this.bench.machine), async (running) => ({ perS: await this.measured(running) }));

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
    const backlog = new BacklogRows(database, url);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error('there is no tenant');
    const warm = finishedPerS(await round(running, { seconds: warmS, warmup: options.warmup }));
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

/** The cost of a backlog. */
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
