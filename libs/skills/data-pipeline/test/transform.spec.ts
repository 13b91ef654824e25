import { TransformResult } from '../src/index.js';
import { Pipeline, publicFile } from './pipeline.js';

const pipeline = new Pipeline();
beforeAll(() => pipeline.ingest('weather', publicFile('seattle-weather.csv').toString()));
afterAll(() => {
  pipeline.close();
});

const transformed = async (sql: string, sources: unknown[]): Promise<TransformResult> => {
  const { result } = await pipeline.run({ operation: 'transform', dataset: 'made', sources, sql });
  return TransformResult.parse(result);
};

describe('transform', () => {
  it('makes a dataset of SQL over datasets and data of the payload', async () => {
    const names = { name: 'names', format: 'csv', content: 'weather,known_as\nsun,bright\nrain,wet\n' };
    const result = await transformed(
      `SELECT known_as, count(*) AS days, max(temp_max) AS warmest FROM weather JOIN names USING (weather)
       GROUP BY known_as ORDER BY known_as`,
      [{ name: 'weather', dataset: 'dataset:weather' }, names],
    );
    const lines = publicFile('seattle-weather.csv').toString().trim().split('\n').slice(1);
    const of = (kind: string): string[][] => lines.map((line) => line.split(',')).filter((cells) => cells[5] === kind);
    const warmest = (kind: string): number => Math.max(...of(kind).map((cells) => Number(cells[2])));
    expect(result).toMatchObject({
      dataset: 'dataset:made@1',
      rows: 2,
      preview: [
        ['bright', of('sun').length, warmest('sun')],
        ['wet', of('rain').length, warmest('rain')],
      ],
    });
    expect(await pipeline.rowsOf('dataset:made@1')).toEqual([
      { known_as: 'bright', days: of('sun').length, warmest: warmest('sun') },
      { known_as: 'wet', days: of('rain').length, warmest: warmest('rain') },
    ]);
  });

  it('keeps sums without rounding', async () => {
    const result = await transformed('SELECT sum(9007199254740993 + n) AS s FROM range(2) t(n)', []);
    expect(result).toMatchObject({ columns: [{ name: 's', type: 'DECIMAL(38,0)' }], preview: [['18014398509481987']] });
  });

  it('records the versions that it read', async () => {
    const { opened } = await pipeline.run({
      operation: 'transform',
      dataset: 'made',
      sources: [{ name: 'w', dataset: 'dataset:weather' }],
      sql: 'FROM w LIMIT 1',
    });
    expect(opened).toEqual(['dataset:weather@1']);
  });

  it.each([
    ['SELECT nope FROM w', 'query_failed'],
    ["FROM read_csv('/etc/passwd')", 'query_failed'],
    ["COPY w TO '/tmp/x'", 'query_failed'],
  ])('refuses %s', async (sql, code) => {
    await expect(transformed(sql, [{ name: 'w', dataset: 'dataset:weather' }])).rejects.toMatchObject({ code });
  });

  it('refuses a dataset with options of reading', async () => {
    const sources = [{ name: 'w', dataset: 'dataset:weather', delimiter: ';' }];
    await expect(transformed('FROM w', sources)).rejects.toMatchObject({ code: 'invalid_payload' });
  });
});

describe('export', () => {
  it('writes CSV that reads back as the same dataset', async () => {
    const content = 'id,text,when,price\n1,"a, ""b""",2026-01-02 03:04:05,12.50\n2,"",,0.1\n3,,1999-12-31 00:00:00,7\n';
    await pipeline.ingest('odd', content);
    const { result, artifacts } = await pipeline.run({ operation: 'export', dataset: 'dataset:odd', format: 'csv' });
    expect(result).toMatchObject({ dataset: 'dataset:odd@1', artifact: 'odd-v1.csv', rows: 3 });
    await pipeline.ingest('odd-again', artifacts.get('odd-v1.csv')?.content.toString() ?? '');
    expect(await pipeline.rowsOf('dataset:odd-again')).toEqual(await pipeline.rowsOf('dataset:odd'));
  });
});
