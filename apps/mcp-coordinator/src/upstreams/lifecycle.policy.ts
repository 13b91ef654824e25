// The states of a server of tools, as pure decisions: what follows from an event, and what has to be done about it.

/**
 * `idle`: not asked to run yet. `starting`: a connection is being made, its tools are being listed. `degraded`: it serves, but
 * has missed one ping. `backing-off`: it failed, and is started again at `until`. `disabled`: by the configuration.
 */
export const serverStates = ['idle', 'starting', 'ready', 'degraded', 'backing-off', 'disabled'] as const;
export type ServerStateName = (typeof serverStates)[number];

export interface Lifecycle {
  readonly state: ServerStateName;
  /** Failures since it last was well for long enough. */
  readonly failures: number;
  /** When it became ready; only in `ready` and `degraded`. Milliseconds of a monotonic clock. */
  readonly readySince?: number;
  /** When it is started again; only in `backing-off`. Milliseconds of the same clock. */
  readonly until?: number;
}

export type LifecycleEvent =
  | { readonly kind: 'enabled' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'connected' }
  /** The start failed, the process ended, or the connection broke. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'ping-answered' }
  | { readonly kind: 'ping-missed' }
  | { readonly kind: 'back-off-over' };

/** What the runner does next. `drop` ends what is left of the connection; a new one follows after the back-off. */
export type LifecycleAction = 'none' | 'connect' | 'drop';

export interface Step {
  readonly next: Lifecycle;
  readonly action: LifecycleAction;
}

export const initially: Lifecycle = { state: 'idle', failures: 0 };

export const backOffLimits = { baseMs: 250, capMs: 30_000 } as const;

/** The longest delay after so many failures, from 1. Milliseconds. */
const boundOf = (failures: number): number => Math.min(backOffLimits.capMs, backOffLimits.baseMs * 2 ** (failures - 1));

/** Half of the delay is fixed, so that a server that crashes at once is never started in a tight loop. */
const delayOf = (failures: number, random: number): number => boundOf(failures) * (0.5 + random / 2);

/**
 * A server that was well for twice as long as its next delay begins again with the shortest one: one that is killed every
 * some seconds comes back at once, one that ends right after its start does not.
 */
const failuresAfter = ({ failures, readySince }: Lifecycle, now: number): number => {
  const wellForMs = readySince === undefined ? 0 : now - readySince;
  return wellForMs >= 2 * boundOf(failures + 1) ? 1 : failures + 1;
};

const unchanged = (next: Lifecycle): Step => ({ next, action: 'none' });

const lost = (current: Lifecycle, now: number, random: number): Step => {
  const failures = failuresAfter(current, now);
  return { next: { state: 'backing-off', failures, until: now + delayOf(failures, random) }, action: 'drop' };
};

const afterLoss = (current: Lifecycle, now: number, random: number): Step => {
  switch (current.state) {
    case 'starting':
    case 'ready':
    case 'degraded':
      return lost(current, now, random);
    case 'idle':
    case 'backing-off':
    case 'disabled':
      return unchanged(current);
  }
};

const serves = ({ state }: Lifecycle): boolean => state === 'ready' || state === 'degraded';

const afterMissedPing = (current: Lifecycle, now: number, random: number): Step => {
  if (current.state === 'ready') return unchanged({ ...current, state: 'degraded' });
  return current.state === 'degraded' ? lost(current, now, random) : unchanged(current);
};

const starting = ({ failures }: Lifecycle): Step => ({ next: { state: 'starting', failures }, action: 'connect' });

const afterEnabling = (current: Lifecycle): Step =>
  current.state === 'idle' || current.state === 'disabled' ? starting(current) : unchanged(current);

/**
 * What follows from an event. Events that come late, for instance the end of a back-off that was cut short, change nothing.
 * @param now of a monotonic clock, milliseconds. @param random in [0, 1)
 */
export const stepOf = (current: Lifecycle, event: LifecycleEvent, now: number, random: number): Step => {
  switch (event.kind) {
    case 'enabled':
      return afterEnabling(current);
    case 'disabled':
      return current.state === 'disabled'
        ? unchanged(current)
        : { next: { state: 'disabled', failures: 0 }, action: 'drop' };
    case 'connected':
      return current.state === 'starting'
        ? unchanged({ state: 'ready', failures: current.failures, readySince: now })
        : unchanged(current);
    case 'lost':
      return afterLoss(current, now, random);
    case 'ping-answered':
      return unchanged(serves(current) ? { ...current, state: 'ready' } : current);
    case 'ping-missed':
      return afterMissedPing(current, now, random);
    case 'back-off-over':
      return current.state === 'backing-off' ? starting(current) : unchanged(current);
  }
};
