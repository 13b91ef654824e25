import { cpuTicks } from './cpu-ticks.policy.js';

describe('the ticks of a process', () => {
  it('are those in itself and in the kernel, whatever it is called', () => {
    const rest = 'S 1 42 42 0 -1 4194560 10 20 30 40 700 65 3 4 20 0 11 0 100 1000000 500';
    expect(cpuTicks(`42 (node) ${rest}`)).toBe(765);
    expect(cpuTicks(`42 (a (b) c) ${rest}`)).toBe(765);
  });
});
