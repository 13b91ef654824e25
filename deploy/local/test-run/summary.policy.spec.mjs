import { summaryOf } from './summary.policy.mjs';

const stages = [
  { name: 'services', seconds: 0.2, outcome: 'ok' },
  { name: 'lint', seconds: 12.34, outcome: 'FAILED' },
];
const coverage = { total: { lines: { pct: 91.5 } } };
const results = {
  numPassedTestSuites: 2,
  numFailedTestSuites: 1,
  testResults: [
    { name: 'a.spec.ts', status: 'passed', assertionResults: [{ status: 'pending', fullName: 'a waits' }] },
    { name: 'b.spec.ts', status: 'failed', assertionResults: [] },
  ],
};
const verdict = { passed: 5, failed: 2 };
const linesOf = (text) => text.trimEnd().split('\n');

describe('the summary of a test run', () => {
  it('ends with the two numbers alone on their line', () => {
    const text = summaryOf({ stages, results, coverage, services: {}, verdict });
    expect(linesOf(text).at(-1)).toBe('5 passed, 2 failed');
    expect(text.endsWith('\n')).toBe(true);
  });

  it('lists stages, suites, coverage, spec files that could not run and skipped tests', () => {
    const lines = linesOf(summaryOf({ stages, results, coverage, services: {}, verdict }));
    expect(lines).toEqual(
      expect.arrayContaining([
        'lint               12.3 s  FAILED',
        'suites: 2 passed, 1 failed',
        'line coverage: 91.5 %',
        'could not run: b.spec.ts',
        'skipped: a waits (it.skip in a.spec.ts)',
      ]),
    );
  });

  it('says why specs were left out when there are no services', () => {
    const text = summaryOf({ stages, results, coverage, services: { missing: 'this is not Debian' }, verdict });
    expect(text).toContain('skipped: every spec that is not *.policy.spec.ts, because: this is not Debian');
  });
});
