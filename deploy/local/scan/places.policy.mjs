/** Values that every parameter of the API accepts, by its name; those that are not here get a word. */
const samples = {
  wait: '1s',
  limit: '5',
  status: 'completed',
  task_type: 'analytics',
  agent: 'dash',
  created_after: '2026-01-01T00:00:00Z',
  created_before: '2030-01-01T00:00:00Z',
};

const sampleOf = (name, known) => known[name] ?? samples[name] ?? 'x';

const queryOf = (parameters, known) => {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => [name, sampleOf(name, known)]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
};

/**
 * What an OpenAPI document says can be read, as paths with a value for every parameter, so that all of them are
 * attacked. @param known values by parameter name, for instance the id of a task that exists
 */
export const placesOf = ({ paths }, known = {}) =>
  Object.entries(paths)
    .filter(([, methods]) => methods.get !== undefined)
    .map(
      ([
        path,
        {
          get: { parameters = [] },
        },
      ]) => {
        const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(sampleOf(name, known)));
        return `${filled}${queryOf(parameters, known)}`;
      },
    )
    // An event stream has no end, for which a scanner would wait.
    .filter((place) => !/\/events(\?|$)/.test(place));
