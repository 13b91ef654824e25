// How an agent was, as a strip of marks: one for each step of the time that was asked for, also where nobody looked.
import type { AgentHealthHistory, AgentHealthStep } from '@pulser/contracts';

export type Look = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

export interface Mark {
  /** Begin of the step, in milliseconds of the epoch. */
  readonly at: number;
  readonly look: Look;
  readonly step: AgentHealthStep | undefined;
}

const secondsOf = { '1m': 60, '5m': 300, '15m': 900, '1h': 3_600, '6h': 21_600, '1d': 86_400 } as const;

export const stepSeconds = ({ step }: Pick<AgentHealthHistory, 'step'>): number => secondsOf[step];

/** The worst of a step. */
const lookOf = (step: AgentHealthStep | undefined): Look => {
  if (step === undefined || step.observed_s === 0) return 'unknown';
  if (step.unhealthy_s > 0) return 'unhealthy';
  return step.degraded_s > 0 ? 'degraded' : 'healthy';
};

/** Oldest first. */
export const marksOf = (history: Pick<AgentHealthHistory, 'from' | 'to' | 'step' | 'steps'>): readonly Mark[] => {
  const stepMs = stepSeconds(history) * 1_000;
  const first = Math.floor(Date.parse(history.from) / stepMs);
  const last = Math.ceil(Date.parse(history.to) / stepMs);
  const known = new Map(history.steps.map((step) => [Math.floor(Date.parse(step.at) / stepMs), step]));
  return Array.from({ length: Math.max(0, last - first) }, (_, n) => {
    const step = known.get(first + n);
    return { at: (first + n) * stepMs, look: lookOf(step), step };
  });
};

/** The strip in a sentence, for who does not see it. */
export const stripText = (marks: readonly Mark[]): string => {
  const of = (look: Look): number => marks.filter((mark) => mark.look === look).length;
  const [bad, unknown] = [of('degraded') + of('unhealthy'), of('unknown')];
  const seen = marks.length - unknown;
  const rest = unknown === 0 ? '' : `, not looked at in ${unknown}`;
  return bad === 0
    ? `Healthy in ${seen} of ${marks.length} steps${rest}`
    : `Not healthy in ${bad} of ${seen} steps${rest}`;
};
