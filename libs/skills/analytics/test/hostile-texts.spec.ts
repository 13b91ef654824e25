import { runOperation } from '@pulser/agent-runtime/testing';

import { analytics, QueryResult } from '../src/index.js';

const textsIn = (svg: Uint8Array): string[] =>
  Array.from(
    Buffer.from(svg)
      .toString()
      .matchAll(/<text [^>]*>([^<]*)</g),
    ([, text = '']) => text,
  );

describe('texts that are names of members of every object', () => {
  it('come through a query with its chart', async () => {
    const { result, artifacts } = await runOperation(analytics, {
      operation: 'query',
      sources: [{ name: '__proto__', format: 'csv', content: '__proto__,constructor\ntoString,1\n__proto__,2\n' }],
      sql: 'FROM "__proto__"',
      chart: { kind: 'bar', x: '__proto__', y: 'constructor', title: 'hasOwnProperty' },
    });
    expect(QueryResult.parse(result)).toMatchObject({
      columns: [{ name: '__proto__' }, { name: 'constructor' }],
      rows: [
        ['toString', 1],
        ['__proto__', 2],
      ],
      chart_notes: [],
    });
    const texts = textsIn(Buffer.from(artifacts.get('chart.svg')?.content ?? ''));
    expect(texts).toEqual(expect.arrayContaining(['hasOwnProperty', 'toString', '__proto__', 'constructor']));
  });
});
