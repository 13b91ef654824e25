import { instanceName, instanceOf, isInstance, isInstanceName, suiteOf } from './state.mjs';

describe('the name of a site', () => {
  it('says the suite, with or without an instance', () => {
    expect(suiteOf('forky')).toBe('forky');
    expect(suiteOf(instanceName('trixie', 'chaos'))).toBe('trixie');
  });

  it('tells instances from suites', () => {
    expect(isInstance(instanceName('forky', 'chaos'))).toBe(true);
    expect(isInstance('forky')).toBe(false);
    expect(instanceOf(instanceName('forky', 'chaos'))).toBe('chaos');
  });

  it('refuses instances that would leave their folder', () => {
    expect(isInstanceName('chaos-2')).toBe(true);
    for (const wrong of ['', '../x', 'a/b', 'A', 'a@b']) expect(isInstanceName(wrong)).toBe(false);
  });
});
