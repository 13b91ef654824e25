import * as fc from 'fast-check';

/** Texts that some layer below cannot hold, or would make something else of. */
const oddTexts = [
  '',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udc00',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\u202e',
  '__proto__',
];

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), {
  arbitrary: fc.constantFrom(...oddTexts),
  weight: 1,
});

const name = fc.oneof(
  { arbitrary: fc.string({ unit: 'grapheme' }), weight: 30 },
  { arbitrary: fc.constantFrom('constructor', 'prototype', 'toString', 'operation', 'sql', ''), weight: 5 },
  { arbitrary: fc.constantFrom(...oddTexts), weight: 1 },
);

const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    { arbitrary: scalar, weight: 3 },
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'value' }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, depthIdentifier: 'value' }),
  ),
}));

/** Any JSON value. */
export const jsonValue = value;

/** Any JSON object, most of them harmless. */
export const jsonObject = fc.oneof(
  {
    arbitrary: fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme' }), { maxKeys: 6 }),
    weight: 2,
  },
  { arbitrary: fc.dictionary(name, value, { maxKeys: 5 }), weight: 1 },
);

/** Points in time, some of which exist. */
export const instant = fc.constantFrom(
  '2030-01-01T00:00:00Z',
  '2030-01-01t01:00:00.0+01:00',
  '2030-01-01T00:00:00',
  '2030-06-30T23:59:60Z',
  '9999-12-31T23:59:59-01:00',
  '2030-01-01T00:00Z',
  '2020-02-29T23:59:59.123456789+05:30',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+15:59',
  '9999-12-31T23:59:59.999999-15:59',
  '2030-01-01T00:00:00+16:00',
  '2030-01-01T00:00:00-23:59',
  `2030-01-01T00:00:00.${'7'.repeat(200)}Z`,
  '2030-02-30T00:00:00Z',
  '2030-01-01',
  'infinity',
  'now',
);

/** Numbers as they may be written, allowed or not. */
export const numberToken = fc.constantFrom(
  ...[
    '0',
    '-0',
    '1e400',
    '-1E+999',
    '1e308',
    '5e-324',
    '1e-400',
    '0.1e1',
    '12345678901234567890123456789',
    '1'.repeat(400),
  ],
  ...['01', '+1', '.5', '1.', '0x1', 'NaN', 'Infinity', '-', '1e', '1_000'],
);
