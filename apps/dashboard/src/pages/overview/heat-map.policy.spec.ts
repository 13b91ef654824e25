import { cellText, heatCsv, heatOf, heatRowsOf, heatSvg, stepInGrid } from './heat-map.policy.js';

const total = { completed: 0, failed: 0, retries: 0, error_rate: null };

const rows = heatRowsOf({
  times: [0, 3_600],
  series: [
    {
      key: { agent: 'maya' },
      total,
      values: { completed: [37, 0], failed: [3, 0], retries: [0, 0], error_rate: [0.075, null] },
    },
    {
      key: { agent: 'dash' },
      total,
      values: { completed: [null, 2], failed: [null, 0], retries: [null, 0], error_rate: [null, 0] },
    },
  ],
});

describe('a heat map of errors', () => {
  it('has a row for each agent, by name', () => {
    expect(rows.map(({ agent }) => agent)).toEqual(['dash', 'maya']);
  });

  it('tells no errors, nothing ended and nothing kept apart', () => {
    expect(rows.flatMap(({ cells }) => cells.map(cellText))).toEqual([
      'not kept any more',
      '0 of 2 failed, 0%',
      '3 of 40 failed, 7.5%',
      'nothing ended',
    ]);
    expect([null, 0, 0.005, 0.01, 0.02, 0.075, 0.5, 0.51, 1].map(heatOf)).toEqual([
      'none',
      '0',
      '1',
      '1',
      '2',
      '3',
      '4',
      '5',
      '5',
    ]);
  });

  it('is a table as a file', () => {
    expect(heatCsv(rows).split('\r\n')).toEqual([
      'time,agent,completed,failed,error_rate',
      '1970-01-01T00:00:00.000Z,dash,,,',
      '1970-01-01T01:00:00.000Z,dash,2,0,0',
      '1970-01-01T00:00:00.000Z,maya,37,3,0.075',
      '1970-01-01T01:00:00.000Z,maya,0,0,',
    ]);
  });

  it('is a drawing of its own, with names as text', () => {
    const colors = { none: '#fff', '0': '#eee', '1': '#ddd', '2': '#ccc', '3': '#bbb', '4': '#aaa', '5': '#999' };
    const look = { title: '<b>&', text: '#000', background: '#fff', line: '#ccc', colors, timeText: String };
    const svg = heatSvg(rows, look);
    expect(svg).toContain('&lt;b&gt;&amp;');
    expect(svg).toContain('maya, 0: 3 of 40 failed, 7.5%');
    expect(svg).not.toMatch(/NaN|undefined|<b>/);
    expect(heatSvg([], look)).not.toMatch(/NaN|undefined/);
  });

  it('is walked by arrow keys, and they stop at the edges', () => {
    const size = { rows: 2, columns: 3 };
    const from = { row: 0, column: 0 };
    expect(stepInGrid('ArrowLeft', from, size)).toEqual(from);
    expect(stepInGrid('ArrowDown', from, size)).toEqual({ row: 1, column: 0 });
    expect(stepInGrid('End', from, size)).toEqual({ row: 0, column: 2 });
    expect(stepInGrid('x', from, size)).toBeUndefined();
  });
});
