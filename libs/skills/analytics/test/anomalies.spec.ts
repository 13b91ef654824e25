import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { anomalies } from '../src/anomalies/anomalies.operation.js';
import { AnomaliesResult, analytics } from '../src/index.js';
import { type PlantedAnomalies, plantedAnomalies } from './fixtures/planted-anomalies.js';
import { publicSource } from './public-data.js';

const running = (payload: Record<string, unknown>): Promise<OperationRun> =>
  runOperation(analytics, { operation: 'anomalies', sources: [], time: 't', value: 'y', ...payload });

const run = async (payload: Record<string, unknown>): Promise<AnomaliesResult> =>
  AnomaliesResult.parse((await running(payload)).result);

const withPlanted = ({ sql, planted }: PlantedAnomalies): string => {
  const cases = Object.entries(planted).map(([time, added]) => `WHEN TIMESTAMP '${time}' THEN ${added}`);
  return `SELECT t, y + CASE t::TIMESTAMP ${cases.join(' ')} ELSE 0 END AS y FROM (${sql})`;
};

describe('anomalies planted into public series', () => {
  it.each(plantedAnomalies)('are all found: $name', async (one) => {
    const result = await run({ sources: [publicSource('data', one.file)], sql: withPlanted(one) });
    const found = result.anomalies.map(({ time }) => String(time));
    expect(found).toEqual(expect.arrayContaining(Object.keys(one.planted)));
    const others = found.filter((time) => !(time in one.planted));
    process.stdout.write(`${one.name}: ${others.length} others (${others.join(', ')})\n`);
    // The recession stands out of the series of employment, too, which the bound had not foreseen.
    const inRecession = (time: string): boolean =>
      one.file === 'us-employment.csv' && time >= '2008-06' && time < '2009-10';
    expect(others.filter((time) => !inRecession(time)).length).toBeLessThanOrEqual(one.falseAlarms);
  });
});

describe('anomalies', () => {
  it('runs its own example: the day without visits and the day in the news, with what would be usual', async () => {
    const { result, artifacts } = await running(anomalies.example);
    const { anomalies: found, expectation } = AnomaliesResult.parse(result);
    expect(found.map(({ time, value }) => [time, value])).toEqual([
      ['2026-03-18', 95],
      ['2026-03-29', 1_240],
    ]);
    for (const { value, lower, upper, score, why, expected } of found) {
      expect(value < lower || value > upper).toBe(true);
      expect(expected > lower && expected < upper).toBe(true);
      expect(Math.sign(score)).toBe(Math.sign(value - expected));
      expect(why).toContain('would be usual');
    }
    expect(expectation).toBe('mstl');
    expect([...artifacts.keys()]).toEqual(['anomalies.svg', 'anomalies.png']);
  });

  it('compares a short series with medians, and says so', async () => {
    const sql =
      "SELECT DATE '2026-01-05' + range::INT AS t, range % 7 * 10 + range % 3 + CASE WHEN range = 9 THEN 100 ELSE 0 END AS y FROM range(21)";
    const result = await run({ sql });
    expect(result.expectation).toBe('seasonal_median');
    expect(result.anomalies.map(({ time }) => time)).toEqual(['2026-01-14']);
    expect(result.notes.join()).toContain('compared with medians');
  });

  it('says that there are none, and that there are too few values to tell', async () => {
    const sql = "SELECT DATE '2026-01-05' + range::INT AS t, sin(range * 2) * 5 + range % 7 AS y FROM range(70)";
    expect(await run({ sql })).toMatchObject({ verdict: 'none', count: 0, anomalies: [] });
    expect(await run({ sql: `${sql} WHERE range < 6` })).toMatchObject({ verdict: 'too_little_data', sigma: null });
  });

  it('knows that a constant series has no usual range: any other value stands out, and that is said', async () => {
    const sql = 'SELECT range AS t, CASE WHEN range = 30 THEN 6 ELSE 5 END AS y FROM range(60)';
    const result = await run({ sql });
    expect(result.anomalies.map(({ time }) => time)).toEqual([30]);
    expect(result.notes.join()).toContain('exactly as expected');
    expect(await run({ sql: 'SELECT range AS t, 5 AS y FROM range(60)' })).toMatchObject({ verdict: 'none' });
  });

  it('lists the two hundred with the highest scores of more, and says that the series changed its ways', async () => {
    const sql =
      'SELECT range AS t, hash(range) % 5 + CASE WHEN range % 20 < 2 THEN 1000 + range ELSE 0 END AS y FROM range(4000)';
    const result = await run({ sql, season_length: 1 });
    expect(result.count).toBe(400);
    expect(result.anomalies).toHaveLength(200);
    expect(result.notes.join()).toContain('More than 5 %');
  });
});
