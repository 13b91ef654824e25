import { fork } from 'node:child_process';
import { once } from 'node:events';

import { entryPoint } from '@pulser/isolation';

import { Chart } from '../src/chart-input.js';
import { pictureOf } from '../src/chart.policy.js';
import type { Picture } from '../src/frame.policy.js';
import { Painter } from '../src/painter.js';
import type { Table } from '../src/table.policy.js';

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
  const soon = (): AbortSignal => AbortSignal.timeout(100_000);
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
  });

  it('give no member to the objects of the process that draws', async () => {
    const { file, execArgv } = entryPoint(import.meta.url, './fixtures/probe-paint.process');
    const child = fork(file, { execArgv, env: {}, serialization: 'advanced' });
    child.send([...hostile.map(pictureOfText), ...picturesOfAll]);
    expect(await once(child, 'message')).toEqual([unspoiled, undefined]);
  });
});
