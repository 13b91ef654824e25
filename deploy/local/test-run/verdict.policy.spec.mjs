import { verdictOf } from './verdict.policy.mjs';

const ok = { name: 'lint', outcome: 'ok' };
const failed = { name: 'lint', outcome: 'FAILED' };
const jestOk = { name: 'tests', outcome: 'ok' };
const jestFailed = { name: 'tests', outcome: 'FAILED' };
const results = (changes) => ({ numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0, ...changes });

describe('the verdict of a test run', () => {
  it('counts the tests that passed', () => {
    expect(verdictOf([ok, jestOk], results())).toEqual({ passed: 7, failed: 0 });
  });

  it('counts a failed stage as one failure', () => {
    expect(verdictOf([failed, failed, jestOk], results())).toEqual({ passed: 7, failed: 2 });
  });

  it('does not count failed tests twice because their stage failed too', () => {
    expect(verdictOf([ok, jestFailed], results({ numFailedTests: 3 }))).toEqual({ passed: 7, failed: 3 });
  });

  it('counts a spec file that could not run', () => {
    expect(verdictOf([ok, jestFailed], results({ numRuntimeErrorTestSuites: 1 }))).toEqual({ passed: 7, failed: 1 });
  });

  it('fails when Jest failed although every test passed', () => {
    expect(verdictOf([ok, jestFailed], results())).toEqual({ passed: 7, failed: 1 });
  });

  it('fails when no test ran, or Jest left no results', () => {
    expect(verdictOf([ok, jestOk], results({ numPassedTests: 0 }))).toEqual({ passed: 0, failed: 1 });
    expect(verdictOf([ok, jestFailed], undefined)).toEqual({ passed: 0, failed: 1 });
  });

  it('does not count what was skipped', () => {
    expect(verdictOf([{ name: 'services', outcome: 'skipped' }, jestOk], results())).toEqual({ passed: 7, failed: 0 });
  });
});
