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
