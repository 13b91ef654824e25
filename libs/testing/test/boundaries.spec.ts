import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const forbidden = `import { defineAgent } from '@pulser/agent-runtime';
import pg from 'pg';

export const planted = [defineAgent, pg];
`;

/** Lints a text as if a file of the router held it: nothing is written, other checks may run at the same time. */
const lint = (text: string): Promise<{ failed: boolean; output: string }> =>
  new Promise((resolve) => {
    const args = ['node_modules/eslint/bin/eslint.js', '--stdin', '--stdin-filename', 'apps/router/src/main.ts'];
    const child = execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...process.env, NX_DAEMON: 'false' } },
      (error, stdout) => {
        resolve({ failed: error !== null, output: stdout });
      },
    );
    child.stdin?.end(text);
  });

describe('lint', () => {
  it('refuses an import that goes up the layers, and a technology that belongs to another library', async () => {
    const { failed, output } = await lint(forbidden);
    expect(failed).toBe(true);
    expect(output).toMatch(/A project tagged with "layer:service" can only depend on/);
    expect(output).toMatch(/"layer:service" is not allowed to import "pg"/);
  }, 240_000);
});
