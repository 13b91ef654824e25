import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';

import type { Installation } from './installation.js';
import { Started } from './started.js';
import { TemporaryFolder } from './temporary-folder.js';

const commandIn = (text: string): string => /^curl .*?chart\.svg'$/ms.exec(text)?.[0] ?? '';

export const firstStart = (installation: Installation): void => {
  describe('npm start on a machine that never saw Pulser', () => {
    const { data } = installation;
    let pulser: Started;

    beforeAll(async () => {
      pulser = await installation.running();
    }, 360_000);

    it('prints a command that, pasted as it is, prints the finished task and saves its chart', () => {
      const { stdout, stderr, status } = spawnSync('sh', ['-c', commandIn(pulser.text)], {
        cwd: installation.place('.'),
        encoding: 'utf8',
      });

      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', assigned_agent: 'dash', attempts: 1 });
      expect(readFileSync(installation.place('chart.svg'), 'utf8')).toMatch(/^<svg /);
    });

    it('serves the documentation where it says', async () => {
      const [, docs = ''] = /Docs +(\S+)/.exec(pulser.text) ?? [];
      const response = await fetch(docs);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('Pulser API');
    });

    it('prints a link that logs a browser on this machine in, once', async () => {
      const [link = ''] = /http:\S+\/ui\/#code=[\w-]{43}$/m.exec(pulser.text) ?? [];
      expect(link.startsWith(pulser.url)).toBe(true);
      const first = await pulser.logIn(link);
      expect([first.status, await first.json()]).toMatchObject([
        201,
        { name: 'start', role: 'admin', made_by: 'code' },
      ]);
      expect((await pulser.logIn(link)).status).toBe(401);
    });

    it('prints nothing but what is for people', () => {
      expect(pulser.text).not.toMatch(/"level"|WARN|ERROR/);
    });

    it('lets only the owner read the key and the data', () => {
      expect(statSync(data).mode & 0o777).toBe(0o700);
      expect(statSync(`${data}/api-key`).mode & 0o777).toBe(0o600);
    });

    it('makes another key when the file is deleted, and the old one is worth nothing any more', async () => {
      const old = pulser.key;
      await pulser.interrupt();
      rmSync(`${data}/api-key`);
      pulser = await installation.running();

      expect(pulser.key).not.toBe(old);
      expect(pulser.text).toContain(pulser.key);
      expect(await pulser.call('/api/v1/tasks')).toHaveProperty('tasks');
      const refused = await fetch(`${pulser.url}/api/v1/tasks`, { headers: { authorization: `Bearer ${old}` } });
      expect(refused.status).toBe(401);
      expect(existsSync(`${data}/api-key.unfinished`)).toBe(false);
    });
  });
};

export const reachableStart = (): void => {
  describe('npm start that others than this machine can reach', () => {
    const folder = new TemporaryFolder();
    const data = folder.place('data');

    afterAll(() => {
      folder[Symbol.dispose]();
    });

    it('makes no key and prints none, and says why', async () => {
      const pulser = await Started.ready(data, { HOST: '0.0.0.0' });
      expect(existsSync(`${data}/api-key`)).toBe(false);
      expect(pulser.text).toMatch(/Key +made only while HOST is an address of this machine alone/);
      expect(pulser.text).not.toMatch(/pulser_|curl|#code/);
      await pulser.interrupt();
    }, 360_000);
  });
};
