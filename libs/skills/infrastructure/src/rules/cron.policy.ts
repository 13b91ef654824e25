// Schedules in the five fields of cron, as Kubernetes and App Platform read them.
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 6, names: days },
];

const numberOf = (word: string, { min, names }: Field): number => {
  const index = names?.indexOf(word.toLowerCase()) ?? -1;
  if (index >= 0) return index + min;
  return /^\d{1,2}$/.test(word) ? Number(word) : NaN;
};

const isPart = (part: string, field: Field): boolean => {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false;
  if (range === '*' || range === '?') return true;
  const ends = range.split('-').map((word) => numberOf(word, field));
  if (ends.length > 2 || !ends.every((end) => end >= field.min && end <= field.max)) return false;
  return ends.length === 1 || Number(ends[0]) <= Number(ends[1]);
};

const macro = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every \d+[hms](?:\d+[hms])*)$/;

/** @returns what is wrong with it, or undefined */
export const cronProblem = (schedule: string): string | undefined => {
  if (macro.test(schedule)) return undefined;
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== 5) return `A schedule has five fields, "${schedule}" has ${parts.length}`;
  const index = fields.findIndex((field, at) => !(parts[at] ?? '').split(',').every((part) => isPart(part, field)));
  const bad = fields[index];
  return bad && `"${parts[index] ?? ''}" is no ${bad.name} (${bad.min} to ${bad.max})`;
};
