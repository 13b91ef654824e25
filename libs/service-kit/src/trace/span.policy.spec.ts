import { formatTraceparent, parseTraceparent, TraceIds } from './span.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('traceparent', () => {
  it.each([
    [`00-${traceId}-${spanId}-01`, true],
    [`00-${traceId}-${spanId}-00`, false],
    [`00-${traceId}-${spanId}-03`, true],
    // A later version may have more fields.
    [`cc-${traceId}-${spanId}-01-what-the-future-will-be`, true],
    [`01-${traceId}-${spanId}-00`, false],
  ])('is read: %s', (text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled });
  });

  // The invalid ones of https://github.com/w3c/trace-context/blob/main/test/test.py
  it.each([
    undefined,
    '',
    'foo',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-extra`,
    `00-${traceId}-${spanId}-01.`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.slice(1)}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `00-${traceId}-${spanId}-xx`,
    `cc-${traceId}-${spanId}-01.what`,
    `.0-${traceId}-${spanId}-01`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01\n`,
  ])('is refused: %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it('is written as it was read', () => {
    const text = `00-${traceId}-${spanId}-01`;
    const context = parseTraceparent(text);

    expect(context && formatTraceparent(context)).toBe(text);
  });

  it('has ids that do not repeat', () => {
    const ids = new TraceIds();
    const made = Array.from({ length: 10_000 }, () => ids.spanId());

    expect(new Set(made).size).toBe(made.length);
    expect(made.every((id) => /^[\da-f]{16}$/.test(id))).toBe(true);
    expect(ids.traceId()).toMatch(/^[\da-f]{32}$/);
  });
});
