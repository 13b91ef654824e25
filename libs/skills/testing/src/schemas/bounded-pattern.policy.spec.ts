import { BoundedPattern } from './bounded-pattern.js';

const undecided: string[] = [];
const pattern = (source: string): BoundedPattern => new BoundedPattern(source, 'u', (one) => undecided.push(one));

describe('a pattern of a stranger', () => {
  it.each([
    ['^b[0-9]{1,9}$', 'b12', true],
    ['^b[0-9]{1,9}$', 'x', false],
    ['^(a|b)*c$', 'ababc', true],
    ['a\\-b', 'a-b', true],
    ['^\\p{L}+$', 'Äß', true],
  ])('%s is tested: %j is %s', (source, text, matches) => {
    expect(pattern(source).test(text)).toBe(matches);
  });

  it.each(['^(a+)+$', '^(a|a)*$', '^([a-z]+)*!$', '(x+x+)+y', 'a*a*a*a*a*a*a*a*a*a*a*a*b'])(
    '%s is given up within its time, and said to be undecided',
    (source) => {
      undecided.length = 0;
      const started = process.cpuUsage();
      expect(pattern(source).test(`${(source.includes('x') ? 'x' : 'a').repeat(4_000)}?`)).toBe(true);
      // Processor time, in microseconds: a busy machine does not stretch it.
      expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
      expect(undecided).toEqual([source]);
    },
  );

  it('that is none is refused', () => {
    expect(() => pattern('(')).toThrow(SyntaxError);
    expect(() => pattern('a'.repeat(3_000))).toThrow(SyntaxError);
  });
});
