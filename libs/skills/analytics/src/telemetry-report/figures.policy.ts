// Figures as a report writes them. What is not known is a dash, never a zero.

/** A figure that is not known. */
export const unknown = '–';

export const count = (value: number | null): string => (value === null ? unknown : value.toLocaleString('en'));

/** One task, two tasks. */
export const tasks = (value: number): string => `${count(value)} ${value === 1 ? 'task' : 'tasks'}`;

const units = [
  { from: 7_200_000, ms: 3_600_000, word: 'h' },
  { from: 120_000, ms: 60_000, word: 'min' },
  { from: 1_000, ms: 1_000, word: 's' },
] as const;

/** A duration with three digits, in the unit in which it reads best. */
export const duration = (ms: number | null): string => {
  if (ms === null) return unknown;
  const unit = units.find(({ from }) => ms >= from) ?? { ms: 1, word: 'ms' };
  return `${(ms / unit.ms).toLocaleString('en', { maximumSignificantDigits: 3 })} ${unit.word}`;
};

/** A part of 1 in percent. What is not 0 is not written as 0, and what is not all is not written as 100. */
export const percent = (ratio: number | null): string => {
  if (ratio === null) return unknown;
  if (ratio > 0 && ratio < 0.001) return '< 0.1 %';
  if (ratio < 1 && ratio > 0.999) return '> 99.9 %';
  return `${(ratio * 100).toLocaleString('en', { maximumFractionDigits: 1 })} %`;
};

/** failed / (completed + failed), null where nothing ended. */
export const errorRate = (completed: number | null, failed: number | null): number | null => {
  if (completed === null || failed === null) return null;
  return completed + failed === 0 ? null : failed / (completed + failed);
};

const lengths = { '1m': 'minute', '5m': '5 minutes', '15m': '15 minutes', '1h': 'hour', '6h': '6 hours', '1d': 'day' };

/** A step of time in words, behind `per` and `each`. */
export const stepText = (step: keyof typeof lengths): string => lengths[step];

/** The same behind `steps of`. */
export const stepLength = (step: keyof typeof lengths): string =>
  /^\d/.test(stepText(step)) ? stepText(step) : `1 ${stepText(step)}`;
