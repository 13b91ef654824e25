/** What the scan finds that is meant to be so: wapiti's category, where, and why that is fine. */
export const explainedFindings = [];

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

const sample = /^http_server_request_duration_seconds_count\{(.*)\} (\d+)$/gm;

const label = (labels, name) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];

/** How often each route of the API was read with success, by the metrics of who served it. */
export function readsByRoute(metrics) {
  const reads = new Map();
  for (const [, labels, count] of metrics.matchAll(sample)) {
    const route = label(labels, 'route') ?? '';
    const isRead = label(labels, 'method') === 'GET' && label(labels, 'status') === '2xx';
    if (isRead && route.startsWith('/api/')) reads.set(route, (reads.get(route) ?? 0) + Number(count));
  }
  return reads;
}

/** What is wrong with a scan that read these routes; undefined when it was a real one. It saw nothing: it found nothing. */
export function coverageComplaint(reads, wanted) {
  const reached = [...reads.values()].filter((count) => count > 1).length;
  return reached < wanted
    ? `the scan reached ${reached} routes of the API, and should have reached ${wanted}`
    : undefined;
}

const levels = ['info', 'low', 'medium', 'high', 'critical'];
const serious = levels.indexOf('medium');

/** What wapiti found, worst first. Its JSON report lists by category; "additionals" say what it is made of. */
export const findingsIn = ({ vulnerabilities, anomalies = {} }) =>
  [vulnerabilities, anomalies]
    .flatMap(Object.entries)
    .flatMap(([category, found]) => found.map((finding) => ({ ...finding, category, level: Number(finding.level) })))
    .sort((a, b) => b.level - a.level);

const explains = (finding) => (reason) => reason.category === finding.category && reason.path.test(finding.path);

const lineOf = (finding, why) =>
  [
    `${levels[finding.level] ?? finding.level}: ${finding.category}: ${finding.method} ${finding.path}`,
    ...(finding.parameter ? [` (${finding.parameter})`] : []),
    ` ${finding.info}`,
    ...(why === undefined ? [] : [` - fine: ${why}`]),
  ].join('');

/** One line a finding; failed when one of level medium or worse has no reason in `explained`. */
export function reportOf(findings, explained) {
  const known = findings.map((finding) => ({ finding, why: explained.find(explains(finding))?.why }));
  const open = known.filter(({ finding, why }) => why === undefined && !(finding.level < serious));
  return {
    lines: [
      ...known.map(({ finding, why }) => lineOf(finding, why)),
      `${findings.length} findings, ${open.length} of them to be cured or explained`,
    ],
    failed: open.length > 0,
  };
}
