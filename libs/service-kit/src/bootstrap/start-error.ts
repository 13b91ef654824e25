/** An error whose thrower knows the cure: libraries below a service set it, and its start says it in one line. */
export interface StartError extends Error {
  /** What to do about it, as an order: "set DATABASE_URL", "run npm run migrate". */
  readonly startHint: string;
}

export const isStartError = (value: unknown): value is StartError =>
  value instanceof Error && 'startHint' in value && typeof value.startHint === 'string';
