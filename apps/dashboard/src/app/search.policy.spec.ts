import { isOn, listOf, oneOf, parseSearch, someOf, stringifySearch, textOf, wholeOf } from './search.policy.js';

describe('the query of a URL', () => {
  it('is plain names and texts', () => {
    expect(stringifySearch({ q: 'a b', status: ['failed', 'running'], none: undefined, off: false, empty: '' })).toBe(
      '?q=a+b&status=failed%2Crunning',
    );
    expect(parseSearch('?q=a+b&status=failed%2Crunning')).toEqual({ q: 'a b', status: 'failed,running' });
    expect(stringifySearch({})).toBe('');
  });

  it('takes nothing that it does not know', () => {
    const words = ['failed', 'running'] as const;
    expect([oneOf('failed', words), oneOf('constructor', words)]).toEqual(['failed', undefined]);
    expect(someOf('running,x,failed,running', words)).toEqual(['failed', 'running']);
    expect(someOf(['failed'], words)).toEqual(['failed']);
    expect([wholeOf('12', 1, 20), wholeOf('0', 1, 20), wholeOf('1e1', 1, 20), wholeOf(12, 1, 20)]).toEqual([
      12,
      undefined,
      undefined,
      12,
    ]);
    expect([textOf(''), textOf('x'.repeat(9), 4), textOf(7)]).toEqual([undefined, 'xxxx', undefined]);
    expect([isOn('true'), isOn('1'), isOn(true), isOn('yes')]).toEqual([true, true, true, false]);
    expect(listOf('a,,b,a')).toEqual(['a', 'b']);
  });
});
