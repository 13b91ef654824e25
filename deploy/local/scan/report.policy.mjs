/** What the scan finds that is meant to be so: wapiti's category, where, and why that is fine. */
export const explainedFindings = [];

/** Values that every parameter of the API accepts, by its name; those that are not here get one that their schema allows. */
const samples = {
  wait: '1s',
  limit: '5',
  status: 'completed',
  task_type: 'analytics',
  agent: 'dash',
  type: 'preference',
  operation: 'query',
  group_by: 'task_type',
  step: '1h',
  label: 'team:x',
  fingerprint: '0123456789abcdef',
  version: '1',
  return_to: '/ui/tasks',
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-02T00:00:00Z',
  created_after: '2026-01-01T00:00:00Z',
  created_before: '2030-01-01T00:00:00Z',
};

/** They say where or how to read, or that one may, and accept what the API itself made: each gets a place of its own beside the others. */
const apart = new Set(['cursor', 'before', 'format', 'link']);

const nothing = '019a0000-0000-7000-8000-000000000000';

const ofSchema = ({ enum: values, type, format } = {}) => {
  if (format === 'uuid') return nothing;
  if (format === 'date') return '2026-01-01';
  if (values !== undefined) return values.includes('csv') ? 'csv' : values[0];
  return type === 'integer' ? '1' : 'x';
};

const fits = (value, { enum: values, type, format } = {}) =>
  value !== undefined &&
  (values === undefined || values.includes(value)) &&
  (type !== 'integer' || Number.isInteger(Number(value))) &&
  (format !== 'date' || value.length === 10);

/** The document's own example, else what is known to be accepted by its name, where the schema allows it. */
const sampleOf = ({ name, schema = {} }) =>
  schema.examples?.[0] ?? (fits(samples[name], schema) ? samples[name] : ofSchema(schema));

const queryOf = (parameters) =>
  parameters.length === 0 ? '' : `?${new URLSearchParams(parameters.map((one) => [one.name, sampleOf(one)]))}`;

const parameter = /([\w-]+)\/\{(\w+)\}/g;

// An event stream has no end, for which a scanner would wait.
const isStream = (path) => path.endsWith('/events');

const readsOf = ({ paths }) => Object.entries(paths).filter(([, methods]) => methods.get !== undefined);

const filledBy = (known) => (path) =>
  path.replace(parameter, (_, noun, name) => {
    const value = known[noun] ?? samples[name] ?? 'x';
    return `${noun}/${encodeURIComponent(value)}`;
  });

/**
 * What an OpenAPI document says can be read, as routes with places: paths with a value for every parameter, so that all of
 * them are attacked. The first place of a route is answered with what there is.
 * @param known a name or id that exists, by the noun before it in paths, for instance of `tasks`
 */
export const placesOf = (document, known = {}) =>
  readsOf(document)
    .filter(([path]) => !isStream(path))
    .map(([route, { get }]) => {
      const inQuery = (get.parameters ?? []).filter((one) => one.in === 'query');
      const filled = filledBy(known)(route);
      const [usual, others] = [
        inQuery.filter(({ name }) => !apart.has(name)),
        inQuery.filter(({ name }) => apart.has(name)),
      ];
      return { route, places: [usual, ...others.map((one) => [one])].map((some) => `${filled}${queryOf(some)}`) };
    });

/** The event streams of the document, as paths. @param known as of `placesOf` */
export const streamsOf = (document, known = {}) =>
  readsOf(document)
    .filter(([path]) => isStream(path))
    .map(([path]) => filledBy(known)(path));

/** Routes that answer nothing in a Pulser as it is scanned, and why; it is an error when one answers after all. */
export const unreadable = {
  '/api/v1/sessions/oidc/start': 'no identity provider is set up',
  '/api/v1/sessions/oidc/callback': 'no identity provider is set up',
  '/api/v1/incidents/{id}': 'nothing is wrong with it',
};

/** What is wrong with the scene of a scan: routes that it cannot read, so that they would be attacked in vain. */
export const sceneComplaint = (statuses) => {
  const wrong = [...statuses].filter(([route, status]) => status < 300 === Object.hasOwn(unreadable, route));
  return wrong.length === 0
    ? undefined
    : `the scan cannot read what it should, or reads what it should not: ${wrong.map(([route, status]) => `${route} answers ${status}`).join(', ')}`;
};

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

/** The scene and the scanner each read a route; one with parameters is attacked, and read more often. */
const leastReads = 2;

/**
 * What is wrong with a scan that read these routes; undefined when it was a real one. It saw nothing: it found nothing.
 * @param wanted routes as the document writes them
 */
export function coverageComplaint(reads, wanted) {
  const inMetrics = (route) => route.replace(/\{(\w+)\}/g, ':$1');
  const missed = wanted.filter((route) => (reads.get(inMetrics(route)) ?? 0) < leastReads);
  return missed.length === 0
    ? undefined
    : `the scan should have reached all ${wanted.length} routes of the API, and missed ${missed.join(', ')}`;
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
