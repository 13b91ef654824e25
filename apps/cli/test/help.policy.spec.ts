import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cli, type Outcome } from '../src/index.js';

const commands = [
  'migrate',
  'schema wait',
  ...['list', 'create', 'rotate', 'revoke'].map((verb) => `keys ${verb}`),
  ...['list', 'set'].map((verb) => `tenants ${verb}`),
  ...['list', 'pause', 'resume'].map((verb) => `pauses ${verb}`),
  ...['list', 'admit', 'revoke', 'broker-user'].map((verb) => `agents ${verb}`),
  'audit verify',
  ...['list', 'discard'].map((verb) => `dead-letters ${verb}`),
  'secrets rotate',
  'verify',
  'link',
];
const groups = [...new Set(commands.map((command) => command.split(' ')[0] ?? ''))].filter(
  (name) => !['migrate', 'verify', 'link'].includes(name),
);

const run = (line: string): Promise<Outcome> => cli(line.split(' ').filter((word) => word !== ''));

describe('the command line without any server', () => {
  const before = { ...process.env };

  beforeAll(() => {
    delete process.env['DATABASE_URL'];
    process.env['PULSER_DATA_DIR'] = join(tmpdir(), 'pulser-nothing-is-here');
  });

  afterAll(() => {
    process.env = before;
  });

  it.each(['--help', '-h', 'help'])('lists every command on a line of its own: %s', async (word) => {
    const { exitCode, out, err } = await run(word);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const lines = out.split('\n').filter((line) => line.startsWith('  '));
    expect(lines.map((line) => line.trim().split(/ {2,}|(?: [<[-])/)[0])).toEqual(commands);
  });

  it.each(groups)('lists the commands of %s', async (group) => {
    for (const line of [`${group} --help`, `${group} -h`, `${group} help`, `help ${group}`]) {
      const { exitCode, out, err } = await run(line);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      for (const one of commands.filter((command) => command.startsWith(group))) expect(out).toContain(`  ${one}`);
    }
  });

  it.each(commands)('has a page of %s, with usage, options and an example', async (command) => {
    const [group, verb] = command.split(' ');
    const asked = [`${command} --help`, `${command} -h`, `help ${command}`];
    for (const line of verb === undefined ? asked : [...asked, `${group} help ${verb}`]) {
      const { exitCode, out, err } = await run(line);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(out).toMatch(
        new RegExp(`^Usage: npm run pulser -- ${command} [^]*\n\nOptions:\n[^]*Example:\n.* ${command}`),
      );
    }
  });

  it.each(commands)('refuses what %s does not have with 64, before it looks for a database', async (command) => {
    expect(await run(`${command} --nonsense`)).toMatchObject({
      exitCode: 64,
      out: '',
      err: expect.stringMatching(/unknown option '--nonsense'\nUsage: npm run pulser -- /) as string,
    });
  });

  it.each([
    ['kyes', 'keys'],
    ['kyes list', 'keys'],
    ['kyes --help', 'keys'],
    ['help kyes', 'keys'],
    ['dead-leters list', 'dead-letters'],
    ['keys crate', 'create'],
    ['keys crate --help', 'create'],
    ['keys create --tennant acme', '--tenant'],
    ['keys create --tenant acme --nmae ci', '--name'],
    ['tenants set --tenant acme --max-wating 5', '--max-waiting'],
    ['dead-letters discard --al', '--all'],
    ['pauses pause --agnet dash', '--agent'],
  ])('%s is answered with 64 and the nearest: %s', async (line, nearest) => {
    const { exitCode, out, err } = await run(line);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: '' });
    expect(err.split('\n')[0]).toMatch(`(did you mean ${nearest}?)`);
  });

  it('says in one line that nothing runs, and what to do', async () => {
    for (const command of [
      'dead-letters list',
      'pauses pause --agent dash',
      'audit verify',
      'keys create --tenant a',
    ]) {
      expect(await run(command)).toMatchObject({
        exitCode: 1,
        err: expect.stringMatching(/^pulser .*: no Pulser runs on the data in .*npm start.*DATABASE_URL.*$/) as string,
      });
    }
  });

  it('wants the URL of a server for a migration', async () => {
    expect(await run('migrate')).toMatchObject({
      exitCode: 78,
      err: expect.stringMatching(/^pulser migrate: DATABASE_URL is not set: .*administrator.*$/) as string,
    });
  });
});
