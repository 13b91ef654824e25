import { keptJson, keptObject, keptSizes, keptText, startOf, storable, thrownText } from './kept.js';
import { keptFailure, readFailure } from './errors.js';

describe('a text that is too long', () => {
  it('keeps its start and says how much is missing', () => {
    const kept = keptText('x'.repeat(20_000_000), 4_000);
    expect(kept.length).toBeLessThanOrEqual(4_000);
    const shown = /^(x+)\.\.\. \(([\d,]+) more characters\)$/.exec(kept);
    expect(Number(shown?.[2]?.replaceAll(',', '')) + (shown?.[1]?.length ?? 0)).toBe(20_000_000);
  });

  it('says so of the whole text, when it is cut again', () => {
    const again = keptText(keptText('x'.repeat(100_000), 4_000), 300);
    const shown = /^(x+)\.\.\. \(([\d,]+) more characters\)$/.exec(again);
    expect(Number(shown?.[2]?.replaceAll(',', '')) + (shown?.[1]?.length ?? 0)).toBe(100_000);
  });

  it.each([99, 100, 101, 102])('is never cut inside a surrogate pair: %d emoji', (count) => {
    for (const before of ['', 'a']) {
      expect(startOf(before + '😀'.repeat(count), 100).isWellFormed()).toBe(true);
      expect(keptText(before + '😀'.repeat(count), 100).isWellFormed()).toBe(true);
    }
  });

  it('is left alone when it fits', () => {
    expect(keptText('😀', 2)).toBe('😀');
  });
});

describe('a text that PostgreSQL cannot hold', () => {
  it.each([
    ['a\u0000b', 'a\ufffdb'],
    ['\ud83d', '\ufffd'],
    ['\ude00\ud83d', '\ufffd\ufffd'],
  ])('gets the replacement character: %j', (text, kept) => {
    expect(storable(text)).toBe(kept);
  });
});

const throwing = (): never => {
  throw new Error('from inside');
};

describe('what was thrown', () => {
  it.each([
    ['an error', new RangeError('far'), 'far'],
    ['an error without a message', new RangeError(''), 'RangeError'],
    ['a text', 'just text', 'just text'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 7, '7'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a message alone', { message: 'no' }, 'no'],
    ['a message that throws', Object.defineProperty(new Error(), 'message', { get: throwing }), 'It cannot be read'],
    ['toString that throws', { toString: throwing }, 'It cannot be read'],
    ['no prototype', Object.create(null), 'It cannot be read'],
    ['a proxy that refuses everything', new Proxy({}, { get: throwing }), 'It cannot be read'],
  ])('has a text: %s', (_case, thrown, text) => {
    expect(thrownText(thrown)).toBe(text);
  });
});

const nested = (levels: number): object => {
  let value = {};
  for (let level = 0; level < levels; level += 1) value = { value };
  return value;
};

const cyclic: Record<string, unknown> = { name: 'it' };
cyclic['self'] = cyclic;

describe('details of any kind', () => {
  it('are copied as they are', () => {
    const details = { line: 3, excerpt: 'nope', list: [1, null, { a: true }], at: new Date(0) };
    expect(keptJson(details, keptSizes.details)).toEqual({ ...details, at: '1970-01-01T00:00:00.000Z' });
  });

  it('say what is no JSON', () => {
    const details = {
      n: 2n ** 70n,
      nan: NaN,
      far: -Infinity,
      bytes: Buffer.alloc(9),
      cyclic,
      gone: () => 1,
      list: [() => 1],
    };
    expect(keptJson(details, keptSizes.details)).toEqual({
      n: '1180591620717411303424',
      nan: 'NaN',
      far: '-Infinity',
      bytes: '(9 bytes)',
      cyclic: { name: 'it', self: '(it contains itself)' },
      list: [null],
    });
  });

  it('keep a member named __proto__', () => {
    const details: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":2}}');
    expect(JSON.stringify(keptJson(details, 1_000))).toBe('{"__proto__":{"a":1},"constructor":{"prototype":2}}');
  });

  it.each([
    ['10,000 levels', nested(10_000)],
    ['20 MB of text', { text: 'x'.repeat(20_000_000) }],
    ['control characters', { text: Array.from({ length: 5_000 }, () => '\u0001'.repeat(50)) }],
    ['a million items', { list: Array.from({ length: 1_000_000 }, (_, n) => n) }],
    ['a hole of 4 billion', { list: new Array(4_000_000_000) }],
    ['100,000 members', Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]))],
    ['long names', { ['k'.repeat(1_000_000)]: 1 }],
    [
      'getters that throw',
      {
        get a(): never {
          return throwing();
        },
        b: 1,
      },
    ],
    ['toJSON that throws', { a: { toJSON: throwing } }],
    ['a proxy that refuses everything', { a: new Proxy({}, { get: throwing, ownKeys: throwing }) }],
    ['lone surrogates and NUL', { ['a\u0000\ud800']: '\udc00\u0000' }],
  ])('are bounded and storable: %s', (_case, details) => {
    const json = JSON.stringify(keptJson(details, keptSizes.details));
    expect(json.length).toBeLessThan(3 * keptSizes.details);
    expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/);
  });

  it('are an object even when they are none', () => {
    expect(keptObject('text', 100)).toEqual({ details: 'text' });
    expect(keptObject(null, 100)).toBeUndefined();
    expect(keptObject([1], 100)).toEqual({ details: [1] });
  });
});

describe('an error that is stored', () => {
  it('is the same when it is read', () => {
    const details = { list: Array.from({ length: 100_000 }, (_, n) => n), text: '\u0001'.repeat(50_000) };
    const kept = keptFailure({ code: 'handler_failed', message: 'x'.repeat(50_000), permanent: true, details });
    expect(readFailure(kept)).toEqual(kept);
  });

  it('is bounded when it is read, if it is older than the bounds', () => {
    const old = {
      code: 'x',
      message: 'm'.repeat(20_000_000),
      permanent: true,
      details: { cell: 'c'.repeat(20_000_000) },
    };
    expect(JSON.stringify(readFailure(old)).length).toBeLessThan(10_000);
  });

  it.each(['', 'Not a code', 'x'.repeat(65), '__proto__'])('has a code: %j is none', (code) => {
    expect(keptFailure({ code, message: '', permanent: false }).code).toBe('handler_failed');
  });
});
