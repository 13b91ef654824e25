// The breakers of one service, in its metrics and its log.
import type { Logger } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import { type BreakerTarget, breakerSettings } from './breaker-settings.js';
import { Breaker, type BreakerState } from './breaker.js';

/** As the metric has them. */
const numbers = { closed: 0, half_open: 1, open: 2 } as const satisfies Record<BreakerState, number>;

/** The one metric of all breakers, also of those that are kept elsewhere: of an agent its status is one. */
export const breakerGauge = (metrics: Metrics) => {
  const gauge = metrics.gauge({
    name: 'pulser_breaker_state',
    help: 'Whether something outside is asked: 0 closed (yes), 1 half open (to try it), 2 open (no); of several the worst',
    labelNames: ['target'],
  });
  return {
    set: (target: BreakerTarget | `agent.${string}`, state: BreakerState): void => {
      gauge.labels(target).set(numbers[state]);
    },
  };
};

/** Hosts that are remembered; of more, those that were asked longest ago are forgotten, and asked again. */
const maxMembers = 1_000;

const worst = (states: readonly BreakerState[]): BreakerState =>
  states.reduce((one, other) => (numbers[other] > numbers[one] ? other : one), 'closed');

export interface Guarded {
  /** Which one of its kind, for instance an origin. It is in no metric and no log. */
  readonly member?: string;
  /** See BreakerOptions. */
  readonly isFailure: (error: unknown) => boolean;
}

/** One breaker for each thing outside that a service asks. */
export class Breakers {
  private readonly byTarget = new Map<BreakerTarget, Map<string, Breaker>>();
  private readonly gauge: ReturnType<typeof breakerGauge> | undefined;

  /** Without metrics and log the breakers work all the same, unseen. */
  constructor(
    private readonly logger?: Pick<Logger, 'warn' | 'info'>,
    metrics?: Metrics,
  ) {
    this.gauge = metrics && breakerGauge(metrics);
  }

  /** The breaker of a thing: the same one each time. */
  of(target: BreakerTarget, { member = '', isFailure }: Guarded): Breaker {
    const members = this.byTarget.get(target) ?? new Map<string, Breaker>();
    this.byTarget.set(target, members);
    const breaker =
      members.get(member) ??
      new Breaker({
        target,
        isFailure,
        onChange: (state, cause) => {
          this.changed(target, state, cause);
        },
      });
    // The newest last.
    members.delete(member);
    members.set(member, breaker);
    const oldest = members.keys().next().value;
    if (members.size > maxMembers && oldest !== undefined) members.delete(oldest);
    if (breaker.state === 'closed' && members.size === 1) this.gauge?.set(target, 'closed');
    return breaker;
  }

  /** The worst state among some members of a kind; `closed` when none of them was asked yet. */
  worstOf(target: BreakerTarget, isMember: (member: string) => boolean): BreakerState {
    const members = [...(this.byTarget.get(target) ?? [])];
    return worst(members.filter(([member]) => isMember(member)).map(([, { state }]) => state));
  }

  private changed(target: BreakerTarget, state: BreakerState, cause: unknown): void {
    this.gauge?.set(target, worst([...(this.byTarget.get(target)?.values() ?? [])].map((one) => one.state)));
    const { failures } = breakerSettings[target];
    if (state === 'open') this.logger?.warn({ target, failures, err: cause }, 'a circuit breaker has opened');
    else this.logger?.info({ target, state }, 'a circuit breaker has changed');
  }
}
