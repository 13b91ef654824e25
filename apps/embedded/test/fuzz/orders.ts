import * as fc from 'fast-check';

import { instant, jsonObject, jsonValue, numberToken } from './odd-values.js';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });

/** What is a task, but for odd values in its payload. */
const order = fc.record({
  task_type: fc.constant('analytics'),
  payload: jsonObject,
  priority: optional(fc.constantFrom('high', 'medium', 'low')),
  deadline_s: optional(fc.integer({ min: 1, max: 100_000 })),
  metadata: optional(jsonObject),
});

const wrongField = fc.oneof(
  fc.record({ task_type: fc.constantFrom<unknown>('testing', 'cooking', '', 7, null, ['analytics']) }),
  fc.record({ priority: jsonValue }),
  fc.record({ payload: jsonValue }),
  fc.record({ metadata: jsonValue }),
  fc.record({ run_at: instant }),
  fc.record({
    deadline_s: fc.oneof(fc.double(), fc.integer(), fc.constantFrom<unknown>(0, -1, 31_536_000, 31_536_001, '5')),
  }),
  fc.dictionary(fc.string({ unit: 'binary' }), jsonValue, { minKeys: 1, maxKeys: 30 }),
);

const json = (value: unknown): string => JSON.stringify(value);

const withPayload = (payload: string): string => `{"task_type":"analytics","payload":${payload}}`;

const nested = (levels: number, open: string, close: string): string =>
  `{"a":${open.repeat(levels)}1${close.repeat(levels)}}`;

const brackets = fc.constantFrom<[string, string]>(['[', ']'], ['{"a":', '}']);

const deep = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.integer({ min: 26, max: 36 }), weight: 30 },
      { arbitrary: fc.constant(20_000), weight: 1 },
    ),
    brackets,
  )
  .map(([levels, [open, close]]) => withPayload(nested(levels, open, close)));

const wide = fc
  .tuple(fc.integer({ min: 990, max: 1_010 }), fc.boolean())
  .map(([keys, flat]) => Array.from({ length: keys }, (_, n) => (flat ? `"k${n}":${n}` : `"k${n}":{}`)).join(','))
  .map((members) => withPayload(`{${members}}`));

const poison = fc
  .constantFrom(
    '"__proto__":{"a":1}',
    '"\\u005f_proto__":1',
    '"constructor":{"prototype":1}',
    '"constructor":{"name":1}',
    '"prototype":1',
  )
  .chain((member) =>
    fc.constantFrom(`{${member},"task_type":"analytics","payload":{}}`, withPayload(`{"x":[{${member}}]}`)),
  );

const escapes = fc
  .constantFrom('\\ud800', '\\udc00\\ud800', '\\u0000', '\\ud83d\\ude00', '\\u00', '\\x41', '\\u2028')
  .map((escape) => withPayload(`{"text":"a${escape}b"}`));

const twice = fc.constantFrom(
  '{"task_type":"testing","task_type":"analytics","payload":{}}',
  '{"task_type":"analytics","payload":7,"payload":{}}',
  '{"task_type":"analytics","payload":{},"payload":7}',
  withPayload('{"a":1,"a":2,"a":{"a":3,"a":4}}'),
);

/** Texts of orders: good ones, and those that are wrong in every way that JSON allows. */
export const orderText = fc.oneof(
  { arbitrary: order.map(json), weight: 40 },
  { arbitrary: fc.tuple(order, wrongField).map(([good, wrong]) => json({ ...good, ...wrong })), weight: 20 },
  { arbitrary: numberToken.map((token) => withPayload(`{"n":[${token}]}`)), weight: 5 },
  { arbitrary: deep, weight: 4 },
  { arbitrary: wide, weight: 2 },
  { arbitrary: poison, weight: 4 },
  { arbitrary: escapes, weight: 3 },
  { arbitrary: twice, weight: 2 },
);
