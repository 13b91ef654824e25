import { RunFolder } from '@pulser/harness';
import { emptyDatabase, testBroker, type TestDatabase } from '@pulser/testing';

import type { Machine } from '../src/contestants/contestant.js';
import { pulser } from '../src/contestants/pulser.contestant.js';
import { measure } from '../src/run/bench-run.js';
import { benchOptions } from '../src/options/bench-options.js';
import { ResultFile } from '../src/report/result-file.js';
import type { RunResult } from '../src/report/finding.js';

describe('a run of the benchmark', () => {
  let server: TestDatabase;
  let result: RunResult;
  let failures: readonly string[];
  const said: string[] = [];

  beforeAll(async () => {
    server = await emptyDatabase();
    const folder = new RunFolder('bench', 'test');
    const machine: Machine = { databaseUrl: server.url(), amqpUrl: testBroker().url, folder: folder.path };
    const options = benchOptions(['--only', 'throughput', '--rounds', '1', '--seconds', '1', '--peers', 'none']);
    const file = new ResultFile(folder.file('result.json'), { cores: 'some' });
    failures = await measure(
      { machine, contestants: [pulser], absent: [], options, say: (line) => said.push(line) },
      file,
    );
    result = file.contents;
  }, 120_000);

  afterAll(() => server.drop(), 30_000);

  it('loses, refuses and leaves unfinished nothing', () => {
    expect(failures).toEqual([]);
  });

  it('has a figure of every round', () => {
    expect(result.findings['throughput']?.tables[0]?.rows).toEqual([['pulser', expect.any(String), '', '1']]);
    expect(result.findings['throughput']?.bars?.map(({ name }) => name)).toEqual(['pulser']);
  });

  it('prints its table', () => {
    expect(said.join('\n')).toContain('### Throughput');
  });
});
