import { runOptions } from './run-options.js';

describe('runOptions', () => {
  it('has a default for everything', () => {
    expect(runOptions([])).toMatchObject({ minutes: 30, seed: 1, suite: 'forky', instance: 'chaos' });
  });

  it('reads what was asked for', () => {
    expect(runOptions(['--minutes', '2', '--suite', 'trixie', '--faults', 'kill-worker,latency'])).toMatchObject({
      minutes: 2,
      suite: 'trixie',
      faults: ['kill-worker', 'latency'],
    });
  });

  it.each([
    ['--minutes', 'x'],
    ['--suite', 'sid'],
    ['--faults', 'nothing'],
    ['--what', '1'],
  ])('refuses %s %s', (...args) => {
    expect(() => runOptions(args)).toThrow(expect.objectContaining({ name: 'TypeError' }));
  });
});
