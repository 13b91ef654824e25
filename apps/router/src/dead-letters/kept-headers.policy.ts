import { header } from '@pulser/contracts';
import { redact } from '@pulser/service-kit';

const secret = /authorization|api[-_]?key|token|secret|passw(?:or)?d|cookie|credential/i;

/** What a burial added is told elsewhere; the last one only numbers the publishing itself. */
const added = new Set<string>([
  header.deadReason,
  header.deadDetail,
  header.deadRoutingKey,
  header.deadId,
  'pulser-publish',
]);

const deepest = 16;

/** Text as PostgreSQL can hold it: without U+0000 and half surrogate pairs. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD');

const entry = (name: string, value: unknown, depth: number): [string, unknown][] =>
  secret.test(name) ? [] : [[storableText(name), storable(value, depth)]];

const storable = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redact(storableText(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1));
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => entry(name, item, depth + 1)));
};

/** The headers of a message as they can be kept and shown: without secrets, bytes as base64. */
export const keptHeaders = (headers: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (added.has(name) ? [] : entry(name, value, 0))),
  );
