import { summaryOf, verdictOf } from './summary.policy.mjs';

const results = (changes) => ({ numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0, ...changes });
const covered = (pct) => ({ total: { lines: { pct } } });

describe('the verdict of a test run', () => {
  const ok = { name: 'lint', outcome: 'ok' };
  const failed = { name: 'lint', outcome: 'FAILED' };
  const jestOk = { name: 'tests', outcome: 'ok' };
  const jestFailed = { name: 'tests', outcome: 'FAILED' };
  const verdict = (stages, of, more) => verdictOf({ stages, results: of, ...more });

  it('counts the tests that passed', () => {
    expect(verdict([ok, jestOk], results())).toEqual({ passed: 7, failed: 0 });
  });

  it('counts a failed stage as one failure', () => {
    expect(verdict([failed, failed, jestOk], results())).toEqual({ passed: 7, failed: 2 });
  });

  it('does not count failed tests twice because their stage failed too', () => {
    expect(verdict([ok, jestFailed], results({ numFailedTests: 3 }))).toEqual({ passed: 7, failed: 3 });
  });

  it('counts a spec file that could not run', () => {
    expect(verdict([ok, jestFailed], results({ numRuntimeErrorTestSuites: 1 }))).toEqual({ passed: 7, failed: 1 });
  });

  it('fails when Jest failed although every test passed', () => {
    expect(verdict([ok, jestFailed], results())).toEqual({ passed: 7, failed: 1 });
  });

  it('fails when no test ran, or Jest left no results', () => {
    expect(verdict([ok, jestOk], results({ numPassedTests: 0 }))).toEqual({ passed: 0, failed: 1 });
    expect(verdict([ok, jestFailed], undefined)).toEqual({ passed: 0, failed: 1 });
  });

  it('is good without a test when a change affects none', () => {
    expect(verdict([ok], undefined, { mayBeEmpty: true })).toEqual({ passed: 0, failed: 0 });
  });

  it('does not count what was skipped', () => {
    expect(verdict([{ name: 'services', outcome: 'skipped' }, jestOk], results())).toEqual({ passed: 7, failed: 0 });
  });

  it('fails when a service was missing', () => {
    expect(verdict([{ name: 'services', outcome: 'FAILED' }, jestOk], results())).toEqual({ passed: 7, failed: 1 });
  });

  it('fails when fewer than 80 % of the lines are covered', () => {
    expect(verdict([ok, jestOk], results(), { coverage: covered(79.99) })).toEqual({ passed: 7, failed: 1 });
    expect(verdict([ok, jestOk], results(), { coverage: covered(80) })).toEqual({ passed: 7, failed: 0 });
  });
});

describe('the summary of a test run', () => {
  const stages = [
    { name: 'services', seconds: 1, outcome: 'ok', output: '' },
    { name: 'lint', seconds: 72.3, outcome: 'FAILED', output: 'a.ts: error\n' },
  ];
  const ran = {
    numPassedTestSuites: 2,
    numFailedTestSuites: 1,
    testResults: [
      { name: 'a.spec.ts', status: 'passed', assertionResults: [{ status: 'pending', fullName: 'a waits' }] },
      { name: 'b.spec.ts', status: 'failed', assertionResults: [] },
    ],
  };
  const verdict = { passed: 5, failed: 2 };
  const summary = (more) => summaryOf({ stages, results: ran, coverage: covered(91.5), verdict, ...more });
  const linesOf = (text) => text.trimEnd().split('\n');

  it('ends with the two numbers alone on their line', () => {
    expect(linesOf(summary()).at(-1)).toBe('5 passed, 2 failed');
    expect(summary().endsWith('\n')).toBe(true);
  });

  it('lists stages, suites, coverage, spec files that could not run and skipped tests', () => {
    expect(linesOf(summary())).toEqual(
      expect.arrayContaining([
        'lint              1.2 min  FAILED',
        'suites: 2 passed, 1 failed',
        'line coverage: 91.5 %',
        'could not run: b.spec.ts',
        'skipped: a waits (it.skip in a.spec.ts)',
      ]),
    );
  });

  it('says what is wrong with the coverage', () => {
    expect(summary({ coverage: covered(78.2) })).toContain('line coverage: 78.2 % FAILED: must be 80 % or more\n');
  });

  it('begins with the output of what failed', () => {
    expect(linesOf(summary()).slice(0, 3)).toEqual(['', '=== output of lint, which FAILED', 'a.ts: error']);
  });

  it('says why specs were left out when there are no services', () => {
    expect(summary({ services: { missing: 'this is not Debian' } })).toContain(
      'skipped: every spec that is not *.policy.spec.ts, because: this is not Debian',
    );
  });

  it('says what a run for a change left out', () => {
    expect(linesOf(summary({ leftOut: ['3 projects: a, b, c'] }))).toContain('left out: 3 projects: a, b, c');
  });
});
