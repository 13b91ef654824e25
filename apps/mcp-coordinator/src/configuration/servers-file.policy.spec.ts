import { noRules, type ServerSettings, startKeyOf } from './server-settings.js';
import { serversOf, ServersFileUnreadable } from './servers-file.policy.js';

const variables = { PATH: '/bin', HOME: '/root', TOKEN: 't0ken', DATABASE_URL: 'postgres://secret' };

const own: ServerSettings = {
  name: 'github',
  isOwn: true,
  launch: { kind: 'in-process' },
  disabled: undefined,
  era: 'legacy',
  rules: noRules,
};

const read = (mcpServers: object): ServerSettings[] => serversOf(JSON.stringify({ mcpServers }), [own], variables);
const one = (entry: unknown): ServerSettings | undefined => read({ one: entry }).find(({ name }) => name === 'one');

describe('the file of servers', () => {
  it('may be missing: then there are our own', () => {
    expect(serversOf(undefined, [own], variables)).toEqual([own]);
  });

  it('has a command with arguments and the variables that it names, and no others', () => {
    const entry = { command: 'npx', args: ['-y', 'some-server', '${env:TOKEN}'], env: { KEY: 'Bearer ${env:TOKEN}' } };
    expect(one(entry)?.launch).toEqual({
      kind: 'child',
      command: {
        command: 'npx',
        args: ['-y', 'some-server', 't0ken'],
        cwd: undefined,
        env: { PATH: '/bin', HOME: '/root', KEY: 'Bearer t0ken' },
      },
    });
  });

  it('has a URL with headers', () => {
    const entry = {
      type: 'http',
      url: 'https://mcp.example.com/mcp',
      headers: { Authorization: 'Bearer ${env:TOKEN}' },
    };
    expect(one(entry)?.launch).toEqual({
      kind: 'http',
      url: 'https://mcp.example.com/mcp',
      headers: { Authorization: 'Bearer t0ken' },
    });
  });

  it('is that of VS Code too, which calls the member `servers`', () => {
    const text = JSON.stringify({ inputs: [], servers: { one: { type: 'stdio', command: 'node' } } });
    expect(serversOf(text, [], variables).map(({ name, disabled }) => [name, disabled])).toEqual([['one', undefined]]);
  });

  it('says what only we know of a server', () => {
    const pulser = {
      allow: ['read_*'],
      rename: { read_file: 'file' },
      flags: { 'read_*': 'read' },
      view: ['echo'],
      protocol: '2026-07-28',
    };
    expect(one({ command: 'node', pulser })).toMatchObject({
      isOwn: false,
      era: 'modern',
      rules: { allow: ['read_*'], rename: { read_file: 'file' }, flags: { 'read_*': 'read' }, view: ['echo'] },
    });
  });

  it.each([
    ['a variable that is not set', { command: 'node', args: ['${env:NOWHERE}'] }, /NOWHERE is not set/],
    ['neither command nor URL', {}, /neither a command nor a url/],
    ['another type', { type: 'carrier-pigeon', command: 'node' }, /type/],
    ['a URL of another kind', { url: 'file:///etc/passwd' }, /url/],
    ['a rule that there is not', { command: 'node', pulser: { trust: true } }, /pulser/],
    ['no object at all', 'node', /the configuration is wrong/],
    ['`disabled`', { command: 'node', disabled: true }, /by the configuration/],
  ])('leaves a server out because of %s, and the others in', (_, entry, reason) => {
    const servers = read({ one: entry, other: { command: 'node' } });
    expect(servers.find(({ name }) => name === 'one')?.disabled).toMatch(reason);
    expect(servers.find(({ name }) => name === 'other')?.disabled).toBeUndefined();
  });

  it('takes no name that would not fit into that of a tool', () => {
    for (const name of ['With Space', 'UPPER', 'a__b', '', 'x'.repeat(25)])
      expect(read({ [name]: { command: 'node' } }).find((server) => server.name === name)?.disabled).toMatch(/name/);
  });

  it('switches our own servers off and narrows them, and gives them no other program', () => {
    const github = (entry: object) => read({ github: entry }).find(({ name }) => name === 'github');
    expect(github({ disabled: true })).toEqual({ ...own, disabled: 'by the configuration' });
    expect(github({ pulser: { allow: ['repo_*'] } })).toEqual({ ...own, rules: { ...noRules, allow: ['repo_*'] } });
    expect(github({ command: '/tmp/evil' })).toEqual({
      ...own,
      disabled: 'the configuration gives it another program',
    });
    expect(github({ pulser: { flags: { pr_merge: 'read' }, view: ['dash'] } })?.rules).toEqual(noRules);
  });

  it.each(['', '[]', '"x"', 'null', '{', '{"mcpServers": []}'])('is refused as a whole when it is %j', (text) => {
    expect(() => serversOf(text, [own], variables)).toThrow(ServersFileUnreadable);
  });

  it('starts a server again for what it runs with, not for its rules', () => {
    const [first, second, third] = [
      one({ command: 'node', env: { A: '1' } }),
      one({ command: 'node', env: { A: '1' }, pulser: { allow: ['x'] } }),
      one({ command: 'node', env: { A: '2' } }),
    ].map((settings) => settings && startKeyOf(settings));
    expect(first).toBe(second);
    expect(first).not.toBe(third);
  });
});
