import { join } from 'node:path';

import { runOperation } from '@pulser/agent-runtime/testing';
import { sharedSandboxes, stageSources, withStagingFolder } from '@pulser/data-sandbox';

import { analytics, ExplainChangeResult, ForecastResult, QueryResult, ReportResult } from '../src/index.js';
import { publicSource } from './public-data.js';

const reference = 'dataset:employment@2';

/** The employment of the United States as a Parquet file, while `use` runs. */
const withDataset = <T>(use: (run: (payload: Record<string, unknown>) => Promise<unknown>) => Promise<T>): Promise<T> =>
  withStagingFolder(async (folder) => {
    const path = join(folder, 'employment.parquet');
    const sources = await stageSources(folder, [publicSource('jobs', 'us-employment.csv')]);
    const statement = { sql: 'FROM jobs', keepRows: 0, into: { path, format: 'parquet' as const } };
    await sharedSandboxes.work({ sources, statements: [statement] }, AbortSignal.timeout(100_000));
    const data = { [reference]: { path, columns: [], rows: 120 } };
    const inDataset = { sources: [{ name: 'jobs', dataset: reference }] };
    return use(async (payload) => (await runOperation(analytics, { ...inDataset, ...payload }, { data })).result);
  });

describe('a dataset as a source', () => {
  const series = { operation: 'forecast', sql: 'SELECT month, nonfarm FROM jobs', time: 'month', value: 'nonfarm' };

  it('is read by every operation, as the same data in the payload is', async () => {
    await withDataset(async (run) => {
      const inPayload = { ...series, horizon: 6, sources: [publicSource('jobs', 'us-employment.csv')] };
      const { result } = await runOperation(analytics, inPayload);
      const { forecast, sources } = ForecastResult.parse(await run({ ...series, horizon: 6 }));
      expect(forecast).toEqual(ForecastResult.parse(result).forecast);
      expect(sources).toMatchObject([{ name: 'jobs', format: 'parquet', rows: 120 }]);
      const query = QueryResult.parse(await run({ operation: 'query', sql: 'SELECT max(nonfarm) FROM jobs' }));
      const [most] = query.rows[0] ?? [];
      expect(most).toBe(143_093);
      const change = await run({
        operation: 'explain_change',
        sql: 'FROM (UNPIVOT jobs ON construction, manufacturing INTO NAME industry VALUE workers)',
        compare: { column: 'month', before: '2008-01-01', after: '2010-01-01' },
        metric: { kind: 'sum', column: 'workers' },
        dimensions: ['industry'],
      });
      expect(Number(ExplainChangeResult.parse(change).change)).toBeLessThan(0);
      const sections = [
        { heading: 'One', sql: 'SELECT month, nonfarm FROM jobs' },
        { heading: 'Two', sql: 'SELECT count(*) FROM jobs' },
      ];
      const report = ReportResult.parse(await run({ operation: 'report', title: 'Jobs', sections }));
      expect(report.sections.map(({ rows }) => rows)).toEqual([120, 1]);
    });
  });

  it('that is not there is said', async () => {
    const payload = { ...series, horizon: 6, sources: [{ name: 'jobs', dataset: 'dataset:nothing' }] };
    await expect(runOperation(analytics, payload)).rejects.toMatchObject({ code: 'data_not_found' });
  });
});
