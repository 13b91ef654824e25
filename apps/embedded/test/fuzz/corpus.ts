import * as fc from 'fast-check';
import { jsonLimits } from '@pulser/contracts';

import type { Document } from './document.js';
import { jsonValue } from './odd-values.js';
import { orderText } from './orders.js';

const orderBytes = orderText.map((text) => Buffer.from(text));

/** A byte put in, taken away or changed, or the rest cut off: most results are no JSON, and many no UTF-8. */
const damaged = fc
  .tuple(orderBytes, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('put', 'take', 'change', 'cut'))
  .map(([bytes, where, byte, how]) => {
    const at = where % Math.max(1, bytes.length);
    const rest = { put: at, take: at + 1, change: at + 1, cut: bytes.length }[how];
    const between = how === 'put' || how === 'change' ? [byte] : [];
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(between), bytes.subarray(rest)]);
  });

const around = fc
  .tuple(
    orderText,
    fc.constantFrom('\uFEFF', '\uFEFF\uFEFF', ' \n', '\u0000', '/**/', ")]}'", '\u00a0'),
    fc.constantFrom('', ' ', ',', '\u0000', '{}'),
  )
  .map(([text, before, after]) => Buffer.from(before + text + after));

const noOrder = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  jsonValue.map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .constantFrom('', ' ', 'null', '[]', '{}', '"', 'undefined', 'task_type=analytics')
    .map((text) => Buffer.from(text)),
  orderText.map((text) => Buffer.from(text, 'utf16le')),
  orderText.map((text) => Buffer.from(text, 'latin1')),
);

/** Around the longest body that is taken. */
const long = fc
  .tuple(fc.integer({ min: -60, max: 60 }), fc.constantFrom('x', 'é', '\\n'))
  .map(([beyond, unit]) => [jsonLimits.maxBytes + beyond, unit] as const)
  .map(
    ([bytes, unit]) =>
      `{"task_type":"analytics","payload":{"text":"${unit.repeat(bytes / Buffer.byteLength(unit) - 25)}"}}`,
  )
  .map((text) => Buffer.from(text));

const body = fc.oneof(
  { arbitrary: orderBytes, weight: 700 },
  { arbitrary: damaged, weight: 150 },
  { arbitrary: around, weight: 50 },
  { arbitrary: noOrder, weight: 98 },
  { arbitrary: long, weight: 2 },
);

const contentType = fc.oneof(
  { arbitrary: fc.constant('application/json'), weight: 18 },
  {
    arbitrary: fc.constantFrom('application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;x'),
    weight: 1,
  },
  {
    arbitrary: fc.constantFrom('text/plain', 'application/jsonx', 'application/x-www-form-urlencoded', 'x'),
    weight: 1,
  },
);

/** The same documents for the same seed. */
export const corpus = (seed: number, count: number): Document[] =>
  fc.sample(fc.record({ body, contentType }), { seed, numRuns: count });
