// The hash by which two bodies are recognised as the same.
import { createHash } from 'node:crypto';

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** SHA-256 of a JSON value, hex; the order of keys does not matter. */
export const bodyHash = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body, sorted)).digest('hex');
