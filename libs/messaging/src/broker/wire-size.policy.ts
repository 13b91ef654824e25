const prefix = 5;

/**
 * Bytes of a value in the headers of a message, as its type's widest form on the wire: field-table of AMQP 0-9-1, 4.2.5.5.
 * @throws RangeError when it is nested so deeply that there is no stack to measure it with
 */
export const wireSize = (value: unknown): number => {
  if (typeof value === 'string') return prefix + Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 9;
  if (ArrayBuffer.isView(value)) return prefix + value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + wireSize(item), prefix);
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + 1 + Buffer.byteLength(name) + wireSize(item),
    prefix,
  );
};
