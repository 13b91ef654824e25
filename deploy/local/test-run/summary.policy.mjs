/** The text that ends a test run. Its last line stands alone: "N passed, N failed". */
export function summaryOf({ stages, results, coverage, services, verdict }) {
  const lines = [
    '',
    '=== summary',
    ...stages.map(({ name, seconds, outcome }) => `${name.padEnd(16)}${seconds.toFixed(1).padStart(7)} s  ${outcome}`),
    ...suitesOf(results),
    ...(coverage === undefined ? [] : [`line coverage: ${coverage.total.lines.pct} %`]),
    ...brokenSuites(results),
    ...skipped(results, services),
    `${verdict.passed} passed, ${verdict.failed} failed`,
  ];
  return `${lines.join('\n')}\n`;
}

const suitesOf = (results) =>
  results === undefined
    ? ['suites: none ran']
    : [`suites: ${results.numPassedTestSuites} passed, ${results.numFailedTestSuites} failed`];

const brokenSuites = (results) =>
  (results?.testResults ?? [])
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name }) => `could not run: ${name}`);

function skipped(results, { missing }) {
  const tests = (results?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ status, fullName }) => `skipped: ${fullName} (${status === 'todo' ? 'todo' : 'it.skip'} in ${name})`),
  );
  return missing === undefined
    ? tests
    : [`skipped: every spec that is not *.policy.spec.ts, because: ${missing}`, ...tests];
}
