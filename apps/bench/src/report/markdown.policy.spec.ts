import { resultText, tableText } from './markdown.policy.js';
import { withResults } from './readme.policy.js';

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
