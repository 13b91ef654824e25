import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { explainChange } from '../src/change/explain-change.operation.js';
import { analytics, ExplainChangeResult } from '../src/index.js';
import { publicSource, publicText } from './public-data.js';

const running = (payload: Record<string, unknown>): Promise<OperationRun> =>
  runOperation(analytics, { operation: 'explain_change', sources: [], ...payload });

const run = async (payload: Record<string, unknown>): Promise<ExplainChangeResult> =>
  ExplainChangeResult.parse((await running(payload)).result);

/** A decimal number in units of 10^-12. */
const units = (decimal: string): bigint => {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  return BigInt(`${sign}${whole}${fraction.padEnd(12, '0')}`);
};

/** What every dimension must hold, whatever the data: its lines are the whole change, to the last digit. */
const expectToAddUp = ({ before, after, change, dimensions }: ExplainChangeResult): void => {
  expect(units(after) - units(before)).toBe(units(change));
  for (const { contributors, others } of dimensions) {
    const lines = [...contributors, ...(others === null ? [] : [others])];
    expect(lines.reduce((sum, line) => sum + units(line.change), 0n)).toBe(units(change));
    for (const { change: own, rate, mix } of lines) {
      if (rate !== undefined && mix !== undefined) expect(units(rate) + units(mix)).toBe(units(own));
    }
  }
};

interface Industry {
  readonly series: string;
  readonly year: number;
  readonly month: number;
  readonly count: number;
  readonly rate: number;
}

const industries = JSON.parse(publicText('unemployment-across-industries.json')) as Industry[];

describe('the difference between two periods', () => {
  it('is what each industry adds to the unemployed of a year, as adding them up by hand has it', async () => {
    const sum = (year: number, series?: string): number =>
      industries
        .filter((one) => one.year === year && (series === undefined || one.series === series))
        .reduce((total, { count }) => total + count, 0);
    const result = await run({
      sources: [publicSource('jobless', 'unemployment-across-industries.json')],
      sql: 'FROM jobless',
      compare: { column: 'year', before: 2007, after: 2009 },
      metric: { kind: 'sum', column: 'count' },
      dimensions: ['series', 'month'],
      top: 5,
    });
    expect(result).toMatchObject({
      before: String(sum(2007)),
      after: String(sum(2009)),
      change: String(sum(2009) - sum(2007)),
    });
    expectToAddUp(result);
    const bySeries = result.dimensions.find(({ dimension }) => dimension === 'series');
    expect(bySeries?.contributors).toHaveLength(5);
    expect(bySeries?.others?.values).toBe(9);
    for (const { value, change } of bySeries?.contributors ?? []) {
      expect(change).toBe(String(sum(2009, String(value)) - sum(2007, String(value))));
    }
    // Industries changed unlike each other, months alike.
    expect(result.dimensions[0]?.dimension).toBe('series');
  });

  it('of a ratio is rate and mix of each part, and every digit adds up', async () => {
    // Workers of an industry: its unemployed by its rate.
    const result = await run({
      sources: [publicSource('jobless', 'unemployment-across-industries.json')],
      sql: 'SELECT *, floor(count * 100 / rate)::BIGINT AS workers FROM jobless WHERE rate > 0',
      compare: { column: 'year', before: 2007, after: 2009 },
      metric: { kind: 'ratio', numerator: 'count', denominator: 'workers' },
      dimensions: ['series', 'month'],
      top: 4,
    });
    expectToAddUp(result);
    const workers = ({ count, rate }: Industry): number => Math.floor((count * 100) / rate);
    const ratio = (rows: readonly Industry[]): number =>
      rows.reduce((sum, { count }) => sum + count, 0) / rows.reduce((sum, one) => sum + workers(one), 0);
    const of = (year: number): Industry[] => industries.filter((one) => one.year === year && one.rate > 0);
    expect(Number(result.before)).toBeCloseTo(ratio(of(2007)), 9);
    expect(Number(result.after)).toBeCloseTo(ratio(of(2009)), 9);
    for (const { value, rate } of result.dimensions.find(({ dimension }) => dimension === 'series')?.contributors ??
      []) {
      const mine = (year: number): Industry[] => of(year).filter(({ series }) => series === value);
      const weight = (year: number): number =>
        mine(year).reduce((sum, one) => sum + workers(one), 0) / of(year).reduce((sum, one) => sum + workers(one), 0);
      const expected = ((ratio(mine(2009)) - ratio(mine(2007))) * (weight(2007) + weight(2009))) / 2;
      expect(Number(rate)).toBeCloseTo(expected, 9);
    }
  });

  it('counts rows, names NULL, what is new and what has vanished', async () => {
    const sql = `SELECT * FROM (VALUES ('b', 'old'), ('b', NULL), ('b', 'both'), ('a', 'new'), ('a', 'both'), ('a', 'both'), ('a', NULL), (NULL, 'old'), ('x', 'old')) t(side, kind)`;
    const result = await run({
      sql,
      compare: { column: 'side', before: 'b', after: 'a' },
      metric: { kind: 'count' },
      dimensions: ['kind'],
    });
    expect(result).toMatchObject({ before: '3', after: '4', change: '1', rows: { before: 3, after: 4, neither: 2 } });
    expectToAddUp(result);
    const lines = new Map(
      result.dimensions[0]?.contributors.map(({ value, status, change }) => [value, `${status} ${change}`]),
    );
    expect(lines).toEqual(
      new Map([
        ['both', 'both 1'],
        ['new', 'new 1'],
        ['old', 'vanished -1'],
        [null, 'both 0'],
      ]),
    );
    expect(result.dimensions[0]?.shift).toBeCloseTo(5 / 12, 10);
  });

  it('keeps cents that doubles would lose, and adds up numbers of any size and sign', async () => {
    const sql = `SELECT CASE WHEN range % 2 = 0 THEN 'b' ELSE 'a' END AS side, 'k' || (hash(range) % 400) AS k,
                 ((hash(range * 31) % 1000000007)::BIGINT - 500000000)::DECIMAL(18, 2) / 100 AS y FROM range(20000)`;
    const cents = await run({
      sql: 'SELECT * FROM (VALUES (1, 0.1), (2, 0.3), (2, 1e-9)) t(side, y)',
      compare: { column: 'side', before: 1, after: 2 },
      metric: { kind: 'sum', column: 'y' },
      dimensions: ['side'],
    });
    expect(cents).toMatchObject({ before: '0.1', after: '0.300000001', change: '0.200000001' });
    const result = await run({
      sql,
      compare: { column: 'side', before: 'b', after: 'a' },
      metric: { kind: 'sum', column: 'y' },
      dimensions: ['k'],
      top: 3,
    });
    expectToAddUp(result);
    expect(result.dimensions[0]).toMatchObject({ values: 400, shift: null, others: { values: 397 } });
  });

  it('adds up ten thousand values, the smallest of them as one', async () => {
    const sql = 'SELECT range % 2 AS side, range % 10000 AS customer, range * 7919 % 10007 AS y FROM range(50001)';
    const payload = { sql, compare: { column: 'side', before: 0, after: 1 }, dimensions: ['customer'], top: 50 };
    const sum = await run({ ...payload, metric: { kind: 'sum', column: 'y' } });
    expectToAddUp(sum);
    expect(sum.dimensions[0]?.others?.values).toBe(9_950);
    expect(sum.notes.join()).toContain('customer has more than 1,000 values');
    expectToAddUp(await run({ ...payload, metric: { kind: 'ratio', numerator: 'y', denominator: 'customer' } }));
  });

  it('says which rows have no value, or were rounded', async () => {
    const result = await run({
      sql: 'SELECT * FROM (VALUES (1, 5::DOUBLE), (1, NULL), (2, 1/3::DOUBLE)) t(side, y)',
      compare: { column: 'side', before: 1, after: 2 },
      metric: { kind: 'sum', column: 'y' },
      dimensions: ['side'],
    });
    expect(result.notes).toEqual([
      '1 row without a value of the metric count as 0',
      'The values of 1 row were rounded to 10 decimals',
    ]);
  });
});

describe('explain_change', () => {
  it('runs its own example and draws what tells most', async () => {
    const { result, artifacts } = await running(explainChange.example);
    const explained = ExplainChangeResult.parse(result);
    expect(explained).toMatchObject({ before: '2470.75', after: '2734.25', change: '263.5' });
    expectToAddUp(explained);
    expect([...artifacts.keys()]).toEqual(['change.svg', 'change.png']);
    expect(String(artifacts.get('change.svg')?.content)).toContain('a change of 263.5');
  });

  it('refuses sides without rows or in both, values that are no numbers, and a ratio by nothing', async () => {
    const payload = {
      sql: "SELECT * FROM (VALUES (1, 'a', 0), (2, 'b', 0)) t(side, text, none)",
      compare: { column: 'side', before: 1, after: 2 },
      metric: { kind: 'count' },
      dimensions: ['text'],
    };
    const code = 'invalid_payload';
    const both = { column: 'side', before: 1, after: { from: 1, to: 3 } };
    await expect(run({ ...payload, compare: both })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('overlap') as string,
    });
    await expect(run({ ...payload, compare: { ...both, after: 7 } })).rejects.toThrow(
      'No row is after: side is never 7',
    );
    await expect(run({ ...payload, metric: { kind: 'sum', column: 'text' } })).rejects.toThrow(
      '2 rows have a value that is no number',
    );
    await expect(
      run({ ...payload, metric: { kind: 'ratio', numerator: 'side', denominator: 'none' } }),
    ).rejects.toThrow('no ratio to compare');
  });

  it('says where the fault is in the SQL of the task', async () => {
    const payload = { compare: { column: 'a', before: 1, after: 2 }, metric: { kind: 'count' }, dimensions: ['a'] };
    await expect(run({ ...payload, sql: 'SELECT 1 AS a,\n  nothing' })).rejects.toMatchObject({
      code: 'query_failed',
      facts: { details: { line: 2, position: 17 } },
    });
  });

  it('takes names and values as they are, whatever they look like', async () => {
    const name = `a"; DROP TABLE x; --`;
    const result = await run({
      sql: `SELECT * FROM (VALUES ('o''n', '__proto__'), ('o''f', 'constructor')) t(${JSON.stringify(name).replaceAll('\\"', '""')}, k)`,
      compare: { column: name, before: "o'n", after: "o'f" },
      metric: { kind: 'count' },
      dimensions: ['k'],
    });
    expect(result.dimensions[0]?.contributors.map(({ value }) => value).sort()).toEqual(['__proto__', 'constructor']);
  });
});
