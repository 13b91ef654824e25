import { cpSync, readFileSync, statSync } from 'node:fs';

import { cli, type Outcome } from '@pulser/cli';

import type { Installation } from './installation.js';
import { reaches, submit } from './tasks.js';

const run = (line: string): Promise<Outcome> => cli(line.split(' '));

export const commandLine = (installation: Installation): void => {
  describe('the command line beside npm start', () => {
    const { data } = installation;
    const before = { ...process.env };
    const nothingRuns = { exitCode: 1, err: expect.stringMatching(/^pulser tenants: no Pulser runs on .*$/) as string };

    beforeAll(async () => {
      delete process.env['DATABASE_URL'];
      process.env['PULSER_DATA_DIR'] = data;
      await installation.running();
    }, 360_000);

    afterAll(() => {
      process.env = before;
    });

    const printed = async (line: string): Promise<string> => {
      const { exitCode, out, err } = await run(line);
      expect({ line, exitCode, err }).toEqual({ line, exitCode: 0, err: '' });
      return out;
    };

    it('needs no URL for dead letters, limits of tenants and the audit trail', async () => {
      expect(await printed('dead-letters list')).toBe('There are none without a tenant');
      expect(await printed('tenants set --tenant dev --weight 3')).toMatch(/^dev {2}weight 3 /);
      expect(await printed('audit verify --tenant dev')).toMatch(/^dev {2}\d+ entries, intact$/);
    });

    it('pauses an agent of the process that runs, and resumes it', async () => {
      const pulser = await installation.running();
      await printed('pauses pause --agent dash --reason upgrade');
      expect(await printed('pauses list')).toMatch(/^agent dash {2}since .* {2}upgrade$/);
      const taskId = await submit(pulser, 'select 1 as one');
      await reaches(pulser, taskId, { status: 'queued' });
      await printed('pauses resume --agent dash');
      await reaches(pulser, taskId, { status: 'completed', attempts: 1 });
    });

    it('makes, rotates and revokes keys that the API knows at once', async () => {
      const { url } = await installation.running();
      const answer = async (key: string): Promise<number> =>
        (await fetch(`${url}/api/v1/tasks`, { headers: { authorization: `Bearer ${key}` } })).status;
      const idOf = async (): Promise<string> => (await printed('keys list --tenant acme')).split('  ')[0] ?? '';
      const first = await printed('keys create --tenant acme --name ci');
      expect(await answer(first)).toBe(200);
      const second = await printed(`keys rotate --tenant acme ${await idOf()} --overlap 1d`);
      expect([await answer(first), await answer(second)]).toEqual([200, 200]);
      await printed(`keys revoke --tenant acme ${await idOf()}`);
      expect(await printed('keys list --tenant acme')).toMatch(/ revoked /);
    });

    it('makes keys of the installation, too, and revokes them', async () => {
      const { url } = await installation.running();
      const key = await printed('keys create --installation --name ops --role operator');
      const me = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
      expect(await me.json()).toMatchObject({ tenant: null, role: 'operator' });
      const [line = ''] = (await printed('keys list --installation')).split('\n');
      expect(await printed(`keys revoke --installation ${line.split('  ')[0] ?? ''}`)).toMatch(/^Revoked /);
    });

    it('prints a link that logs in on this machine, once', async () => {
      const pulser = await installation.running();
      const link = await printed('link');
      expect(link.startsWith(`${pulser.url}/ui/#code=`)).toBe(true);
      const first = await pulser.logIn(link);
      expect([first.status, (await pulser.logIn(link)).status]).toEqual([201, 401]);
      expect(await run('link --tenant dev')).toMatchObject({ exitCode: 64 });
      expect(await run('link --url http://pulser.example')).toMatchObject({ exitCode: 64 });
    });

    it('admits agents from outside', async () => {
      expect(await printed('agents admit greeter --types greetings')).toMatch(/^pulser_agent_/);
      expect(await printed('agents list')).toContain('greetings  greeter');
      await printed('agents revoke greeter');
    });

    it('finds the address in a file that only its owner may read', () => {
      expect(statSync(`${data}/database.json`).mode & 0o777).toBe(0o600);
    });

    it('does not take a copy of the data for the data', async () => {
      const copy = installation.place('copy');
      cpSync(`${data}/database.json`, `${copy}/database.json`);
      process.env['PULSER_DATA_DIR'] = copy;
      expect(await run('tenants list')).toMatchObject(nothingRuns);
      process.env['PULSER_DATA_DIR'] = data;
    });

    it('says in one line that nothing runs, after an end in good order and after a crash', async () => {
      await (await installation.running()).kill();
      expect(readFileSync(`${data}/database.json`, 'utf8')).toContain('postgres://');
      expect(await run('tenants list')).toMatchObject(nothingRuns);
      await installation.running();
      await printed('tenants list');
      await installation.stop();
      expect(() => statSync(`${data}/database.json`)).toThrow('ENOENT');
      expect(await run('tenants list')).toMatchObject(nothingRuns);
    }, 240_000);
  });
};
