import { figure, figuresOf, median, megabytes, ratios, spread, spreadText, wholeNumber } from './figures.policy.js';
import { resultText, tableText, withResults } from './report.js';

describe('figures', () => {
  it('have the digits that mean something', () => {
    expect([0.1234, 12.345, 123.4, 12_345.6].map(figure)).toEqual(['0.12', '12.3', '123', '12,346']);
  });

  it('count things in whole numbers', () => {
    expect([0, 1_000_000].map(wholeNumber)).toEqual(['0', '1,000,000']);
  });

  it('come with their spread, unless there is one only', () => {
    expect(spreadText({ median: 2, least: 1, most: 3, count: 3 })).toBe('2.00 (1.00 .. 3.00)');
    expect(spreadText({ median: 2, least: 2, most: 2, count: 1 })).toBe('2.00');
    expect(spreadText(undefined)).toBe('none');
  });

  it('say bytes in megabytes', () => {
    expect(megabytes(3 * 1_048_576)).toBe('3.00');
  });
});

const rounds = [{ ours: 10, theirs: 5 }, { ours: 12 }, { ours: 30, theirs: 10 }];

describe('the median', () => {
  it('is the middle figure, or between the two that are', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  it('comes with the least and the most', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, count: 3 });
  });

  it('is there for some figures only', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(spread([])).toBeUndefined();
  });
});

describe('rounds', () => {
  it('give the figures of each contestant', () => {
    expect(figuresOf(rounds, 'theirs')).toEqual([5, 10]);
  });

  it('are compared one by one, where both have a figure', () => {
    expect(ratios(rounds, 'ours', 'theirs')).toEqual([2, 3]);
  });
});

const table = { title: 'Speed', columns: ['name', 'a second'], rows: [['us|them', '12']], notes: ['One round.'] };

describe('a table', () => {
  it('is Markdown, whatever is in its cells', () => {
    expect(tableText(table).split('\n')).toEqual([
      '### Speed',
      '',
      '| name     | a second |',
      '| -------- | -------: |',
      '| us\\|them |       12 |',
      '',
      '- One round.',
    ]);
  });

  it('stands below the machine that it is of', () => {
    const text = resultText({
      at: '2026-11-23',
      machine: { cores: '2' },
      findings: { throughput: { tables: [table], failures: [] } },
    });
    expect(text).toMatch(/^Measured 2026-11-23 on: cores 2\.\n\n### Speed/);
  });
});

describe('the README', () => {
  const readme =
    'a\n\n<!-- results: written by `npm run bench -- --write` -->\n\nold\n\n<!-- end of results -->\n\nb\n';

  it('keeps all but what is between the markers', () => {
    const written = withResults(readme, 'new');
    expect(written).toBe(readme.replace('old', 'new'));
    expect(withResults(written, 'newer')).toBe(readme.replace('old', 'newer'));
  });

  it('is refused without its markers', () => {
    expect(() => withResults('a', 'new')).toThrow('markers');
  });
});
