import { createHash } from 'node:crypto';

const timeDigits = 12;

/**
 * The id of a child, from its parent's and a key: the same in every attempt of the parent. A UUIDv7 (RFC 9562) whose time is a
 * millisecond after the parent's and whose random bits are a hash. So it lies in the parent's partition, which retention drops
 * as a whole, and after the parent in the order in which rows are locked.
 */
export const childIdOf = (parentId: string, key: string): string => {
  const digits = parentId.replaceAll('-', '');
  const time = (Number.parseInt(digits.slice(0, timeDigits), 16) + 1).toString(16).padStart(timeDigits, '0');
  const hash = createHash('sha256')
    .update(JSON.stringify([parentId, key]))
    .digest('hex');
  const variant = ((Number.parseInt(hash.slice(3, 4), 16) & 0b11) | 0b1000).toString(16);
  return [time.slice(0, 8), time.slice(8), `7${hash.slice(0, 3)}`, variant + hash.slice(4, 7), hash.slice(7, 19)].join(
    '-',
  );
};
