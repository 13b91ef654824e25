import { measurementNames } from '../report/report.js';
import { benchOptions } from './options.js';

describe('benchOptions', () => {
  it('has a default for everything', () => {
    expect(benchOptions([])).toMatchObject({ only: [...measurementNames], rounds: 7, peers: ['all'], write: false });
  });

  it('reads what was asked for', () => {
    expect(benchOptions(['--only', 'throughput,latency', '--rounds', '2', '--soak', '--peers', 'a,b'])).toMatchObject({
      only: ['throughput', 'latency'],
      rounds: 2,
      soak: true,
      peers: ['a', 'b'],
    });
  });

  it.each([
    ['--only', 'speed', '--only'],
    ['--rounds', '0', '--rounds'],
    ['--run', '../x', '--run'],
    ['--what', '1', '--what'],
  ])('refuses %s %s', (name, value, message) => {
    expect(() => benchOptions([name, value])).toThrow(message);
  });
});
