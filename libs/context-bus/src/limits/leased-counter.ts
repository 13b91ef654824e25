import { SingleFlight } from '@pulser/concurrency';

// The counter behind every quota and rate: a number that all processes share in the database, of which each takes a part
// (a lease) now and then, so that most decisions cost no statement.

/** How leases of one kind of counter are kept. All times are milliseconds of a monotonic clock. */
export interface LeasePolicy<Lease> {
  /** Whether the shared counter must be asked before so many can be decided on. Must be false right after an answer. */
  readonly mustAsk: (lease: Lease, wanted: number, now: number) => boolean;
  readonly left: (lease: Lease) => number;
  /** The lease after so many were used. */
  readonly use: (lease: Lease, count: number) => Lease;
}

/** Asks the shared counter. @param known the lease so far, as it is at the time of the call: others use it meanwhile */
export type AskCounter<Lease> = (wanted: number, known: () => Lease | undefined) => Promise<Lease>;

/** What was taken, and the lease that it was taken from, as it was then. */
export interface Taken<Lease> {
  readonly count: number;
  readonly lease: Lease;
}

/** This process's leases of the counters of one kind, by key (for instance a tenant). */
export class LeasedCounters<Lease> {
  private readonly leases = new Map<string, Lease>();
  private readonly questions = new SingleFlight<string, Lease>();

  constructor(private readonly policy: LeasePolicy<Lease>) {}

  get size(): number {
    return this.leases.size;
  }

  has(key: string): boolean {
    return this.leases.has(key);
  }

  /** Takes up to `wanted`: less when the counter has no more. @throws what `ask` throws */
  async take(key: string, wanted: number, ask: AskCounter<Lease>): Promise<Taken<Lease>> {
    let lease = this.leases.get(key);
    while (lease === undefined || this.policy.mustAsk(lease, wanted, performance.now())) {
      await this.questions.run(key, () => this.ask(key, wanted, ask));
      // Other calls that waited for the same answer may have used it up.
      lease = this.leases.get(key);
    }
    const count = Math.min(this.policy.left(lease), wanted);
    if (count > 0) this.leases.set(key, this.policy.use(lease, count));
    return { count, lease };
  }

  /** Returns what was taken and not used, as far as the lease still is the one it was taken from. */
  giveBack(key: string, count: number, isSame: (current: Lease) => boolean): void {
    const lease = this.leases.get(key);
    if (lease !== undefined && count > 0 && isSame(lease)) this.leases.set(key, this.policy.use(lease, -count));
  }

  forget(isOver: (lease: Lease) => boolean): void {
    for (const [key, lease] of this.leases) if (isOver(lease)) this.leases.delete(key);
  }

  private async ask(key: string, wanted: number, ask: AskCounter<Lease>): Promise<Lease> {
    const lease = await ask(wanted, () => this.leases.get(key));
    this.leases.set(key, lease);
    return lease;
  }
}
