// Looks into plain data of unknown shape: what is not there, or of another type, is absent.

export type JsonMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own member; never one of the prototype. */
export const memberOf = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? (value[Number(key)] as unknown) : undefined;
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
};

export const mapAt = (value: unknown, key: string): JsonMap => {
  const found = memberOf(value, key);
  return isMap(found) ? found : {};
};

export const textAt = (value: unknown, key: string): string | undefined => {
  const found = memberOf(value, key);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
};

export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const found = memberOf(value, key);
  return Array.isArray(found) ? (found as unknown[]) : [];
};

export const isTrue = (value: unknown, key: string): boolean => memberOf(value, key) === true;

/** One step of a JSON Pointer (RFC 6901). */
export const pointerStep = (key: string | number): string =>
  `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The keys of a JSON Pointer that begins with a slash, or of the empty one. */
export const pointerKeys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
