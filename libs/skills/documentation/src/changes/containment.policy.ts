// Which types and formats hold all values of others.

/** Whether all values of the types `inner` are of the types `outer`; undefined: any. */
export const typesContain = (
  outer: ReadonlySet<string> | undefined,
  inner: ReadonlySet<string> | undefined,
): boolean => {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  return [...inner].every((name) => outer.has(name) || (name === 'integer' && outer.has('number')));
};

const larger: Readonly<Record<string, readonly string[]>> = {
  int8: ['int16', 'int32', 'int64'],
  int16: ['int32', 'int64'],
  int32: ['int64'],
  uint8: ['uint16', 'uint32', 'uint64', 'int16', 'int32', 'int64'],
  uint16: ['uint32', 'uint64', 'int32', 'int64'],
  uint32: ['uint64', 'int64'],
  float: ['double'],
  uri: ['uri-reference', 'iri', 'iri-reference'],
  email: ['idn-email'],
  hostname: ['idn-hostname'],
};

/** Whether all values of the format `inner` have the format `outer`; undefined: none is asked for. */
export const formatContains = (outer: string | undefined, inner: string | undefined): boolean => {
  if (outer === undefined || outer === inner) return true;
  return inner !== undefined && Object.hasOwn(larger, inner) && (larger[inner] ?? []).includes(outer);
};
