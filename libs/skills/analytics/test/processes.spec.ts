import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { entryPoint } from '@pulser/isolation';

describe('a process that used a sandbox and the painter', () => {
  it('ends by itself', async () => {
    const { file, execArgv } = entryPoint(import.meta.url, './fixtures/use-both.process');
    const args = ['--conditions=source', '--experimental-transform-types', ...execArgv, fileURLToPath(file)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout).toBe('[[42]] true');
  });
});
