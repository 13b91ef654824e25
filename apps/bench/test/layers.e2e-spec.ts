import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { workspaceRoot } from '@pulser/harness';

const run = promisify(execFile);

describe('the layers that are taken away', () => {
  it.each(['no-auth', 'no-router', 'no-telemetry', 'no-work'])(
    '%s: are still where this harness believes them',
    async (name) => {
      const preload = `./apps/bench/dist/layers/${name}.preload.js`;
      await expect(
        run(process.execPath, ['--import', preload, '--eval', ''], { cwd: workspaceRoot }),
      ).resolves.toBeDefined();
    },
    30_000,
  );
});
