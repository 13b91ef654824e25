import { fork } from 'node:child_process';
import { once } from 'node:events';

import { runOperation } from '@pulser/agent-runtime/testing';

import { Chart } from '../src/chart/chart-input.js';
import { pictureOf } from '../src/chart/chart.policy.js';
import type { Picture } from '../src/chart/frame.policy.js';
import { Painter } from '../src/chart/painter.js';
import type { Table } from '../src/chart/table.policy.js';
import { entryPoint } from '../src/entry-point.policy.js';
import { analytics, QueryResult } from '../src/index.js';

/** Names of members that every object has, and what else an object may take for its own. */
const hostile = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'length', 'name', 'prev', 'next', '{b}'];

const table = (names: readonly string[], ...rows: Table['rows']): Table => ({
  columns: names.map((name, at) => ({ name, type: at === 1 ? 'INTEGER' : 'VARCHAR' })),
  rows,
});

const kinds = ['bar', 'line', 'area', 'scatter', 'pie'] as const;

const chartOf = (kind: (typeof kinds)[number], text: string): Chart => {
  const xy = { kind, x: text, y: 'n', title: text };
  return Chart.parse(kind === 'pie' ? xy : { ...xy, series: 's', x_label: text, y_label: text });
};

/** A text as title, column, category and series. */
const pictureOfText = (text: string, at: number): Picture =>
  pictureOf(chartOf(kinds[at % kinds.length] ?? 'bar', text), table([text, 'n', 's'], [text, 1, text], ['b', 2, 's']));

/** All of them beside each other. */
const picturesOfAll = kinds.map((kind): Picture => {
  const rows = hostile.flatMap((x, at) =>
    ['__proto__', 'toString'].map((s): [string, number, string] => [x, at + 1, s]),
  );
  return pictureOf(chartOf(kind, '__proto__'), table(['__proto__', 'n', 's'], ...rows));
});

const plain = pictureOf(
  Chart.parse({ kind: 'bar', x: 'x', y: 'n', series: 's', title: 'Plain' }),
  table(['x', 'n', 's'], ['a', 1, 's'], ['b', 2, 's'], ['a', 3, 't']),
);

const textsIn = (svg: Uint8Array): string[] =>
  Array.from(
    Buffer.from(svg)
      .toString()
      .matchAll(/<text [^>]*>([^<]*)</g),
    ([, text = '']) => text,
  );

const unspoiled = { members: [], frozen: true };

describe('texts that are names of members of every object', () => {
  const painter = new Painter();
  const soon = (): AbortSignal => AbortSignal.timeout(30_000);
  afterAll(() => {
    painter.close();
  });

  it('are drawn like any other text, and leave a plain chart byte for byte as it was', async () => {
    const before = await painter.paint(plain, soon());
    for (const [at, text] of hostile.entries()) {
      const { svg } = await painter.paint(pictureOfText(text, at), soon());
      expect(textsIn(svg).filter((drawn) => drawn.startsWith(text)).length).toBeGreaterThanOrEqual(2);
    }
    for (const picture of picturesOfAll) {
      const drawn = textsIn((await painter.paint(picture, soon())).svg).join(' ');
      expect(drawn).toContain('__proto__');
    }
    expect(await painter.paint(plain, soon())).toEqual(before);
  }, 60_000);

  it('give no member to the objects of the process that draws', async () => {
    const { file, execArgv } = entryPoint(import.meta.url, './fixtures/probe-paint.process');
    const child = fork(file, { execArgv, env: {}, serialization: 'advanced' });
    child.send([...hostile.map(pictureOfText), ...picturesOfAll]);
    expect(await once(child, 'message')).toEqual([unspoiled, undefined]);
  }, 60_000);

  it('give no member to the objects of a sandbox, as names of sources, columns and keys, and as values', async () => {
    const { file, execArgv } = entryPoint(import.meta.url, './fixtures/probe-sandbox.process');
    const child = fork(file, { execArgv, env: {} });
    const fields = hostile
      .filter((text) => text !== '__proto__')
      .map((text) => `'${text}': {'${text}': '${text}'}`)
      .join(', ');
    const columns = hostile.map((text) => `1 AS "${text}"`).join(', ');
    child.send({
      sources: [],
      sql: `SELECT {${fields}} AS s, MAP {'__proto__': 1} AS m, '{"__proto__": {"a": 1}}'::JSON AS j, * FROM (SELECT ${columns})`,
      keepRows: 10,
    });
    expect(await once(child, 'message')).toEqual([{ kind: 'rows', ...unspoiled }, undefined]);
  });

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
