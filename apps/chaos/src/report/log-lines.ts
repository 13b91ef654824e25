import { readFileSync } from 'node:fs';

/** A line of a service's log that says something is wrong. */
export interface Complaint {
  readonly at: number;
  readonly text: string;
}

const warn = 40;
/** Pino's levels as words or numbers; anything else printed is a complaint too. */
const isComplaint = (level: unknown): boolean =>
  typeof level === 'number' ? level >= warn : ['warn', 'error', 'fatal'].includes(String(level));

const complaintOf = (line: string): Complaint[] => {
  try {
    const { level, time } = JSON.parse(line) as { level?: unknown; time?: string | number };
    return isComplaint(level) && time !== undefined ? [{ at: new Date(time).getTime(), text: line }] : [];
  } catch {
    return [];
  }
};

/** What services complained of, oldest first. */
export const complaintsIn = (files: readonly string[]): Complaint[] =>
  files
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .flatMap(complaintOf)
    .sort((a, b) => a.at - b.at);

/** The end of a log, for a person. */
export const lastLines = (file: string, count: number): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
