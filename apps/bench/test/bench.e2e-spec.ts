import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { RunFolder, workspaceRoot } from '@pulser/harness';
import { emptyDatabase, testBroker, type TestDatabase } from '@pulser/testing';

import { pulser } from '../src/contestants/pulser.contestant.js';
import type { Machine } from '../src/load/contestant.js';
import { benchOptions } from '../src/measurements/options.js';
import { ResultFile, type RunResult } from '../src/report/report.js';
import { measure } from '../src/run.js';

describe('a run of the benchmark', () => {
  let server: TestDatabase;
  let result: RunResult;
  let failures: readonly string[];
  const said: string[] = [];

  beforeAll(async () => {
    server = await emptyDatabase();
    const folder = new RunFolder('bench', 'test');
    const machine: Machine = { databaseUrl: server.url(), amqpUrl: testBroker().url, folder: folder.path };
    const options = benchOptions([
      '--only',
      'throughput',
      '--rounds',
      '1',
      '--seconds',
      '1',
      '--peers',
      'none',
      '--warmup',
      '1',
    ]);
    const file = new ResultFile(folder.file('result.json'), { cores: 'some' });
    failures = await measure(
      { machine, contestants: [pulser], absent: [], options, say: (line) => said.push(line) },
      file,
    );
    result = file.contents;
  }, 240_000);

  afterAll(() => server.drop());

  it('loses, refuses and leaves unfinished nothing', () => {
    expect(failures).toEqual([]);
  });

  it('has figures of every round, also of the machine and of the way that the tasks took', () => {
    const figure: unknown = expect.stringMatching(/^[\d,.]+$/);
    expect(result.findings['throughput']?.tables[0]?.rows).toEqual([['pulser', figure, '', figure, figure, '1']]);
    expect(result.findings['throughput']?.bars?.map(({ name }) => name)).toEqual(['pulser']);
  });

  it('prints its table', () => {
    expect(said.join('\n')).toContain('### Throughput');
  });
});

describe('embedded mode without work', () => {
  it('still finds the operation that it replaces', async () => {
    const preload = './apps/bench/dist/contestants/no-work.preload.js';
    const run = promisify(execFile)(process.execPath, ['--import', preload, '--eval', ''], { cwd: workspaceRoot });
    await expect(run).resolves.toBeDefined();
  });
});
