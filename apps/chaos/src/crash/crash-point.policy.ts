import { crashStepNames, type CrashStepName, crashSteps, type Moment } from './crash-step.js';

/** Where a process kills itself: the n-th time it comes to a moment of a step. */
export interface CrashPoint {
  readonly step: CrashStepName;
  readonly moment: Moment;
  readonly times: number;
}

export const crashPointText = ({ step, moment, times }: CrashPoint): string => `${step}:${moment}:${times}`;

const isStep = (text: string | undefined): text is CrashStepName =>
  (crashStepNames as (string | undefined)[]).includes(text);

/** Reads `step:moment:times`. @throws RangeError when there is no such point */
export const crashPointOf = (text: string): CrashPoint => {
  const [step, moment, count] = text.split(':');
  const times = Number(count);
  if (!isStep(step) || (moment !== 'before' && moment !== 'after') || !Number.isInteger(times) || times < 1) {
    throw new RangeError(
      `no crash point "${text}": write step:before|after:times, steps: ${crashStepNames.join(', ')}`,
    );
  }
  if (!(crashSteps[step].moments as readonly Moment[]).includes(moment)) {
    throw new RangeError(`the step ${step} has no moment ${moment}`);
  }
  return { step, moment, times };
};
