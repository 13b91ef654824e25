const fits = (pattern: string, segment: string): boolean =>
  pattern.includes(':') ? segment !== '' : pattern === segment;

/** Whether a route such as `/tasks/:id` or `/files/*` serves a path. */
export const matchesPattern = (pattern: string, path: string): boolean => {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const rest = wanted.indexOf('*');
  if (rest === -1) return wanted.length === given.length && wanted.every((part, at) => fits(part, given[at] ?? ''));
  return given.length > rest && wanted.slice(0, rest).every((part, at) => fits(part, given[at] ?? ''));
};
