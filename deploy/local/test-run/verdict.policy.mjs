/**
 * The two numbers everything is judged by. Tests count one each; so does a spec file that could not run at all, and a
 * stage that failed. Jest's own stage counts only when its results do not already say why it failed.
 */
export function verdictOf(stages, results) {
  const tests = results?.numFailedTests ?? 0;
  const brokenSuites = results?.numRuntimeErrorTestSuites ?? 0;
  const failedStages = stages.filter(({ outcome }) => outcome === 'FAILED');
  const explained = tests + brokenSuites > 0 ? failedStages.filter(({ name }) => name === 'tests').length : 0;
  const nothingRan = results === undefined || results.numPassedTests + tests === 0;
  const failed = tests + brokenSuites + failedStages.length - explained;
  return { passed: results?.numPassedTests ?? 0, failed: nothingRan ? Math.max(failed, 1) : failed };
}
