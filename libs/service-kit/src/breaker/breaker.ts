// Circuit breakers: what has failed several times is left alone for a while, so that its callers are answered at once and it
// is not asked by all of them while it starts again. https://martinfowler.com/bliki/CircuitBreaker.html
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  isBrokenCircuitError,
  noJitterGenerator,
} from 'cockatiel';

import { type BreakerSettings, type BreakerTarget, breakerSettings } from './breaker-settings.js';

/** Nothing was asked, because the last calls have failed. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen';

  constructor(
    readonly target: BreakerTarget,
    /** What the last call failed with. */
    cause: unknown,
  ) {
    super(`Not asked (${target}): the last calls have failed, and the next one is tried soon`, { cause });
  }
}

/** Closed: everything is asked. Half open: one call is tried. Open: nothing is asked. */
export type BreakerState = 'closed' | 'half_open' | 'open';

const states: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

export interface BreakerOptions {
  readonly target: BreakerTarget;
  /** Whether an error means that the other side is away or broken. An answer that refuses the request does not. */
  readonly isFailure: (error: unknown) => boolean;
  readonly onChange: (state: BreakerState, cause: unknown) => void;
  readonly settings?: BreakerSettings;
}

/** The breaker of one thing that is asked. */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private readonly target: BreakerTarget;
  private readonly isFailure: (error: unknown) => boolean;

  constructor({ target, isFailure, onChange, settings = breakerSettings[target] }: BreakerOptions) {
    this.target = target;
    this.isFailure = isFailure;
    this.policy = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(settings.failures),
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: settings.openMs,
        maxDelay: settings.maxOpenMs,
        generator: noJitterGenerator,
      }),
    });
    this.policy.onStateChange((state) => {
      onChange(states[state], this.lastFailure);
    });
  }

  get state(): BreakerState {
    return states[this.policy.state];
  }

  /** @throws BreakerOpen when nothing is asked now; what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // The policy would let the others wait for the one call that is tried, which may hang.
    if (this.policy.state === CircuitState.HalfOpen) throw new BreakerOpen(this.target, this.lastFailure);
    try {
      const outcome = await this.policy.execute(() => this.outcomeOf(work));
      if ('refusal' in outcome) throw outcome.refusal;
      return outcome.value;
    } catch (error) {
      if (isBrokenCircuitError(error)) throw new BreakerOpen(this.target, this.lastFailure);
      throw error;
    }
  }

  // To the policy an error that is no failure is a success: it shows that the other side works.
  private async outcomeOf<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly refusal: unknown }> {
    try {
      return { value: await work() };
    } catch (error) {
      if (this.isFailure(error)) throw error;
      return { refusal: error };
    }
  }

  private get lastFailure(): unknown {
    const failure = this.policy.lastFailure;
    return failure !== undefined && 'error' in failure ? failure.error : undefined;
  }
}
