import { runOptions } from './run.js';

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
    ['--minutes', 'x', '--minutes'],
    ['--suite', 'sid', '--suite'],
    ['--faults', 'nothing', '--faults'],
    ['--what', '1', '--what'],
  ])('refuses %s %s', (name, value, message) => {
    expect(() => runOptions([name, value])).toThrow(message);
  });
});
