import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { workspaceRoot } from '@pulser/harness';

const run = promisify(execFile);

const preloaded = (point: string) =>
  run(process.execPath, ['--import', './apps/chaos/dist/crash/preload.js', '--eval', ''], {
    cwd: workspaceRoot,
    env: { ...process.env, CHAOS_CRASH_AT: point },
  });

describe('the crash points', () => {
  it('all name steps that the libraries still take', async () => {
    await expect(preloaded('check')).resolves.toBeDefined();
  });

  it('are refused, before the program starts, when there is no such step', async () => {
    await expect(preloaded('nothing:after:1')).rejects.toThrow('no crash point "nothing:after:1"');
  });
});
