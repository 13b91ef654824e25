import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { analytics, ReportResult } from '../src/index.js';
import { report } from '../src/report/report.operation.js';
import { pdfFonts, pdfTexts } from './fixtures/pdf-text.js';
import { publicSource, publicText } from './public-data.js';

const running = (payload: Record<string, unknown>): Promise<OperationRun> =>
  runOperation(analytics, { operation: 'report', title: 'A report', sources: [], ...payload });

interface Made {
  readonly result: ReportResult;
  readonly pages: readonly string[];
  readonly pdf: Buffer;
  readonly html: string;
}

const make = async (payload: Record<string, unknown>): Promise<Made> => {
  const { result, artifacts } = await running(payload);
  const pdf = artifacts.get('report.pdf')?.content ?? Buffer.alloc(0);
  return {
    result: ReportResult.parse(result),
    pages: pdfTexts(pdf),
    pdf,
    html: String(artifacts.get('report.html')?.content),
  };
};

const rows = JSON.parse(publicText('unemployment-across-industries.json')) as { series: string; count: number }[];

describe('report', () => {
  it('runs its own example: title page, contents, sections, page x of y, and the same as HTML', async () => {
    const { result, pages, html } = await make(report.example);
    expect(result.pages).toBe(3);
    expect(pages[0]).toContain('First quarter\nRevenue by region\n');
    expect(pages[0]).toContain('Data orders: 6 rows');
    expect(pages[1]).toMatch(/^Contents\n3\nSummary\n3\nRevenue by month\nFirst quarter\npage 2 of 3$/);
    expect(pages[2]).toContain('March was the best month in both regions.');
    expect(pages[2]).toContain('2026-01-01\nNorth\n1200');
    expect(pages[2]).toMatch(/page 3 of 3$/);
    expect(result.sections).toEqual([
      { heading: 'Summary', page: 3, rows: null, rows_shown: 0, notes: [] },
      { heading: 'Revenue by month', page: 3, rows: 6, rows_shown: 6, notes: [] },
    ]);
    expect(html).toContain('<li dir="auto">North grew after a weak February.</li>');
    expect(html).toContain('<td>2026-01-01</td><td>North</td><td class="number">1200</td>');
    expect(html.match(/<img src="data:image\/png;base64,/g)).toHaveLength(1);
  });

  it('breaks a table over pages, its header on each, and leaves no row out', async () => {
    const { result, pages } = await make({
      sources: [publicSource('jobless', 'unemployment-across-industries.json')],
      sections: [
        {
          heading: 'All',
          sql: "SELECT 'row ' || row_number() OVER () AS place, series AS industry, count FROM jobless",
          max_rows: 500,
        },
      ],
    });
    const body = pages.slice(2);
    expect(body.length).toBeGreaterThan(10);
    for (const page of body) expect(page).toContain('place\nindustry\ncount');
    const numbers = Array.from(body.join('\n').matchAll(/^row (\d+)$/gm), ([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
    const counts = Array.from(body.join('\n').matchAll(/^row \d+\n[^]*?\n(\d+)$/gm), ([, count]) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(
      rows.slice(0, 500).reduce((sum, { count }) => sum + count, 0),
    );
    expect(result.sections[0]).toMatchObject({
      rows: rows.length,
      rows_shown: 500,
      notes: ['The first 500 of 1,708 rows'],
    });
    expect(body.at(-1)).toContain('The first 500 of 1,708 rows');
  });

  it('sets every script of the charts in embedded fonts, and names what no font has', async () => {
    const text = 'العربية עברית हिन्दी தமிழ் ภาษาไทย 日本語 한국어 ქართული አማርኛ ∑∞ 😀 Ελληνικά Кириллица';
    const { result, pages, pdf } = await make({ sections: [{ heading: 'Scripts', text: `${text} \ue000` }] });
    const { embedded, named } = pdfFonts(pdf);
    expect(named).toBeGreaterThan(9);
    expect(embedded).toBe(named);
    for (const word of ['日本語', '한국어', 'ქართული', 'አማርኛ', 'Ελληνικά', 'Кириллица'])
      expect(pages[2]).toContain(word);
    expect(result.notes).toEqual(['Characters that no font here has, shown as boxes in the PDF: U+E000']);
  });

  it('lets no foreign text become markup, and a browser load nothing', async () => {
    const evil = `<script>alert(1)</script><img src=x onerror="alert(2)">'"&\u0000\u0007`;
    const { html, pages } = await make({
      title: evil,
      subtitle: evil,
      author: evil,
      sections: [
        {
          heading: evil,
          text: `${evil}\n\n- ${evil}`,
          sql: `SELECT '${evil.replaceAll("'", "''").replace('\u0000', '')}' AS "${evil.replaceAll('"', '""').replace('\u0000', '')}"`,
        },
      ],
    });
    expect(html.match(/<script|onerror="|<img/g)).toBeNull();
    expect(html.match(/&lt;script&gt;alert\(1\)/g)?.length).toBeGreaterThan(7);
    expect(html).toContain("default-src 'none'; img-src data:");
    expect(html).not.toMatch(/[\u0000-\u0008]|https?:/);
    expect(pages[2]).toContain('<script>alert(1)</script>');
  });

  it('says which section a fault is in', async () => {
    const sections = [
      { heading: 'Fine', text: 'x' },
      { heading: 'Broken', sql: 'SELECT nothing' },
    ];
    await expect(make({ sections })).rejects.toMatchObject({
      code: 'query_failed',
      message: expect.stringContaining('Section "Broken": ') as string,
    });
    await expect(make({ sections: [{ heading: 'Empty' }] })).rejects.toMatchObject({ code: 'invalid_payload' });
    await expect(
      make({ sections: [{ heading: 'Chart', text: 'x', chart: { kind: 'pie', x: 'a', y: 'b' } }] }),
    ).rejects.toMatchObject({
      code: 'invalid_payload',
    });
  });

  it('is bounded: twelve columns, long cells, words without end', async () => {
    const wide = Array.from({ length: 30 }, (_, at) => `repeat('word ', 500) AS c${at}`).join(', ');
    const { result, pages } = await make({
      title: 'x'.repeat(200),
      sections: [
        { heading: 'Wide', sql: `SELECT ${wide}` },
        { heading: 'Long', sql: "SELECT repeat('x', 100000) AS x, NULL AS nothing" },
        { heading: 'Nothing', sql: 'SELECT 1 AS a WHERE false' },
      ],
    });
    expect(result.pages).toBeLessThan(8);
    expect(result.sections.map(({ notes }) => notes)).toEqual([['The first 12 of 30 columns'], [], ['No rows']]);
    expect(pages.join('\n')).toContain('NULL');
  });

  it('has room for twenty thousand lines of tables, and says which rows it left out', async () => {
    const { result } = await make({
      sections: Array.from({ length: 3 }, (_, at) => ({
        heading: `Part ${at}`,
        sql: `SELECT ${Array.from({ length: 12 }, (_cell, column) => `range AS c${column}`).join(', ')} FROM range(1000)`,
        max_rows: 1_000,
      })),
    });
    expect(result.sections.map(({ rows_shown: shown }) => shown)).toEqual([1_000, 666, 0]);
    expect(result.sections[2]?.notes).toEqual(['The first 0 of 1,000 rows']);
    expect(result.pages).toBeGreaterThan(40);
  });
});
