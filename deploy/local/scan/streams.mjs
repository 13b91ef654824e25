/** What is said to a stream instead of the id of an event; each must be read as text or refused. */
const hostile = [
  'x',
  "' or '1'='1",
  '1;select pg_sleep(10)--',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '\u0000',
  '9'.repeat(4_000),
];

const limitMs = 10_000;

/**
 * Asks every event stream for hostile things. The scanner would wait for its end.
 * @returns findings in the form of wapiti's
 */
export async function attackStreams({ url, streams, headers }) {
  const findings = [];
  for (const place of streams)
    for (const text of hostile) {
      const path = `${place}?${new URLSearchParams({ last_event_id: text })}`;
      const wrong = await wrongAnswer(`${url}${path}`, headers);
      if (wrong !== undefined)
        findings.push({ method: 'GET', path, info: wrong, level: 3, parameter: 'last_event_id' });
    }
  return findings;
}

async function wrongAnswer(address, headers) {
  const stop = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(address, { headers, signal: stop });
    await response.body?.cancel();
    const type = response.headers.get('content-type') ?? '';
    if (response.status >= 500) return `answers ${response.status}`;
    if (!/^(text\/event-stream|application\/problem\+json)/.test(type)) return `answers ${response.status} as ${type}`;
    return undefined;
  } catch (error) {
    return `does not answer: ${error.message}`;
  }
}
