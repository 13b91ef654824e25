import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const planted = `${root}apps/router/src/planted.ts`;

const forbidden = `import { defineAgent } from '@pulser/agent-runtime';
import pg from 'pg';

export const planted = [defineAgent, pg];
`;

const lint = async (): Promise<{ code: number; output: string }> => {
  try {
    const { stdout } = await promisify(execFile)('npx', ['nx', 'run', '@pulser/router:lint', '--skip-nx-cache'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    return { code: 1, output: stdout };
  }
};

describe('lint', () => {
  afterAll(() => rm(planted, { force: true }));

  it('refuses an import that goes up the layers, and a technology that belongs to another library', async () => {
    await writeFile(planted, forbidden);
    const { code, output } = await lint();
    expect(code).toBe(1);
    expect(output).toMatch(/A project tagged with "layer:service" can only depend on/);
    expect(output).toMatch(/"layer:service" is not allowed to import "pg"/);
  }, 120_000);
});
