// What a test run comes to: the two numbers everything is judged by, and the text that ends it.

/** Per cent of the lines that a whole run must cover. */
export const coverageFloor = 80;

const isCovered = ({ total }) => total.lines.pct >= coverageFloor;

/**
 * The two numbers. Tests count one each; so does a spec file that could not run at all, a stage that failed, and coverage
 * below the floor. Jest's own stage counts only when its results do not already say why it failed.
 * @param {{ stages: object[], results?: object, coverage?: object, mayBeEmpty?: boolean }} run
 */
export function verdictOf({ stages, results, coverage, mayBeEmpty = false }) {
  const tests = results?.numFailedTests ?? 0;
  const brokenSuites = results?.numRuntimeErrorTestSuites ?? 0;
  const failedStages = stages.filter(({ outcome }) => outcome === 'FAILED');
  const explained = tests + brokenSuites > 0 ? failedStages.filter(({ name }) => name === 'tests').length : 0;
  const uncovered = coverage === undefined || isCovered(coverage) ? 0 : 1;
  const nothingRan = !mayBeEmpty && (results === undefined || results.numPassedTests + tests === 0);
  const failed = tests + brokenSuites + failedStages.length - explained + uncovered;
  return { passed: results?.numPassedTests ?? 0, failed: nothingRan ? Math.max(failed, 1) : failed };
}

/** The text that ends a test run. Its last line stands alone: "N passed, N failed". */
export function summaryOf({ stages, results, coverage, services = {}, categories = [], leftOut = [], verdict }) {
  const lines = [
    ...stages.filter(({ outcome, output }) => outcome === 'FAILED' && output).flatMap(outputOf),
    '',
    '=== summary',
    ...stages.map(lineOf),
    ...(results === undefined ? ['suites: none ran'] : suitesOf(results)),
    ...categories,
    ...(coverage === undefined ? [] : [coverageLine(coverage)]),
    ...brokenSuites(results),
    ...skipped(results, services),
    ...leftOut.map((what) => `left out: ${what}`),
    `${verdict.passed} passed, ${verdict.failed} failed`,
  ];
  return `${lines.join('\n')}\n`;
}

const outputOf = ({ name, output }) => ['', `=== output of ${name}, which FAILED`, output.trimEnd()];

const lineOf = ({ name, seconds, outcome }) =>
  `${name.padEnd(16)}${(seconds / 60).toFixed(1).padStart(5)} min  ${outcome}`;

const suitesOf = ({ numPassedTestSuites, numFailedTestSuites }) => [
  `suites: ${numPassedTestSuites} passed, ${numFailedTestSuites} failed`,
];

const coverageLine = (coverage) =>
  `line coverage: ${coverage.total.lines.pct} %${isCovered(coverage) ? '' : ` FAILED: must be ${coverageFloor} % or more`}`;

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
