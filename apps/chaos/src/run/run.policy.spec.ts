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

  it('kills alone, when kills are counted', () => {
    const { kills, faults } = runOptions(['--kills', '100']);
    expect([kills, faults.every((name) => name.startsWith('kill-'))]).toEqual([100, true]);
    expect(() => runOptions(['--kills', '100', '--faults', 'latency'])).toThrow('--kills needs one of');
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
