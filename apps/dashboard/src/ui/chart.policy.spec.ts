import { csvOf, lonely, pickedSeries, stacked, svgOf, ticksOf } from './chart.policy.js';

const data = {
  at: [0, 3_600],
  series: [
    { name: 'dash', values: [1, 2] },
    { name: '=cmd|x', values: [null, 3] },
  ],
};

describe('a chart', () => {
  it('stacks its series', () => {
    expect(stacked(data.series)).toEqual([
      [1, 2],
      [null, 5],
    ]);
  });

  it('draws a value between two gaps as a point', () => {
    expect(lonely([1, null, 2, null, 3, 4, null, 0])).toEqual([0, 2, 7]);
    expect(lonely([])).toEqual([]);
  });

  it('knows which layer, and which line, was hit', () => {
    const [low, none, high] = [
      { name: 'low', values: [2] },
      { name: 'none', values: [0] },
      { name: 'high', values: [8] },
    ];
    const hit = (value: number, isStack: boolean) =>
      pickedSeries([low, none, high], { index: 0, value, isStack })?.name;
    expect([1, 2, 3, 10, 99].map((value) => hit(value, true))).toEqual(['low', 'low', 'high', 'high', 'high']);
    expect([0.4, 3, 7].map((value) => hit(value, false))).toEqual(['none', 'low', 'high']);
    expect(pickedSeries([{ name: 'unknown', values: [null] }], { index: 0, value: 1, isStack: false })).toBeUndefined();
  });

  it('has round steps that reach its highest value', () => {
    expect(ticksOf(9)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticksOf(0.03)).toEqual([0, 0.01, 0.02, 0.03]);
    expect(ticksOf(0)).toEqual([0, 1]);
    expect(ticksOf(Number.NaN)).toEqual([0, 1]);
  });

  it('is exported as CSV that no spreadsheet runs', () => {
    expect(csvOf(data)).toBe("time,dash,'=cmd|x\r\n1970-01-01T00:00:00.000Z,1,\r\n1970-01-01T01:00:00.000Z,2,3");
  });

  it.each(['line', 'area', 'bars'] as const)('is exported as SVG, with names as text: %s', (kind) => {
    const svg = svgOf(
      { ...data, series: [{ name: '<script>alert(1)</script>"', values: [1, 2] }] },
      {
        width: 960,
        height: 360,
        title: 'a & b',
        text: '#000',
        line: '#ccc',
        background: '#fff',
        colors: ['#123456'],
        kind,
        valueText: String,
        timeText: String,
      },
    );
    expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;');
    expect(svg).toContain('a &amp; b');
    expect(svg).not.toMatch(/NaN|<script/);
  });
});
