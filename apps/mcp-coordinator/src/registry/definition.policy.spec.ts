import { noRules, type ServerSettings, type ToolRules } from '../configuration/server-settings.js';
import { digestOf, fits, offered, variablesIn } from './definition.policy.js';

const server = (rules: Partial<ToolRules> = {}, isOwn = false, name = 'one'): ServerSettings => ({
  name,
  isOwn,
  launch: { kind: 'in-process' },
  disabled: undefined,
  era: undefined,
  rules: { ...noRules, ...rules },
});

const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });

describe('the digest of a definition', () => {
  it('is the same whatever the order of its members, and another for any other change', () => {
    const definition = { name: 'a', description: 'b', inputSchema: { type: 'object', required: ['x', 'y'] } };
    const turned = { inputSchema: { required: ['x', 'y'], type: 'object' }, description: 'b', name: 'a' };
    expect(digestOf(definition)).toBe(digestOf(turned));
    expect(digestOf(definition)).toMatch(/^[0-9a-f]{64}$/);
    for (const other of [
      { ...definition, description: 'b ' },
      { ...definition, annotations: { readOnlyHint: true } },
      { ...definition, inputSchema: { type: 'object', required: ['y', 'x'] } },
    ])
      expect(digestOf(other)).not.toBe(digestOf(definition));
  });
});

describe('a tool of an attached server', () => {
  it('is destructive and needs approval unless the configuration says otherwise, whatever its server says', () => {
    const definition = tool('wipe', {
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    });
    expect(offered(server(), definition, [])).toMatchObject({
      flag: 'destructive',
      needsApproval: true,
      isIdempotent: false,
      agents: [],
    });
    expect(offered(server({ flags: { 'w*': 'write', '*': 'read' } }), definition, [])).toMatchObject({
      flag: 'write',
      needsApproval: false,
    });
  });

  it('is offered only when it is allowed, under its new name', () => {
    const rules = { allow: ['read_*'], rename: { read_file: 'file' } };
    expect(offered(server(rules), tool('read_file'), [])?.exposedName).toBe('one__file');
    expect(offered(server(rules), tool('read_dir'), [])?.exposedName).toBe('one__read_dir');
    expect(offered(server(rules), tool('write_file'), [])).toBeUndefined();
  });

  it('has a name that models take, or is not offered', () => {
    expect(offered(server(), tool('files.read/all'), [])?.exposedName).toBe('one__files_read_all');
    expect(offered(server(), tool('x'.repeat(60)), [])).toBeUndefined();
  });

  it('gets no variables, and nothing about the coordinator', () => {
    const variables = [{ name: 'GITHUB_TOKEN', secret: true, required: true }];
    const definition = tool('a', { _meta: { 'io.pulser/needs-host': true } });
    expect(offered(server(), definition, variables)).toMatchObject({ variables: [], needsHost: false });
    expect(offered(server({}, true, 'github'), { ...definition, name: 'repo_get' }, variables)).toMatchObject({
      variables,
      needsHost: true,
    });
  });
});

describe('a tool of our own', () => {
  it('has the rights of the catalogue', () => {
    expect(offered(server({}, true, 'github'), tool('pr_merge'), [])).toMatchObject({
      exposedName: 'github__pr_merge',
      flag: 'destructive',
      needsApproval: true,
      agents: ['arkie'],
    });
  });

  it('that the catalogue does not know is not offered', () => {
    expect(offered(server({}, true, 'github'), tool('no_such_tool'), [])).toBeUndefined();
  });
});

describe('the variables in a list of tools', () => {
  it('are read where they are well-formed', () => {
    const meta = {
      'io.pulser/variables': [{ name: 'A', secret: false, required: true, description: 'x' }, { name: 'B' }],
    };
    expect(variablesIn(meta)).toEqual([
      { name: 'A', secret: false, required: true, description: 'x' },
      { name: 'B', secret: true, required: false },
    ]);
    for (const wrong of [undefined, null, {}, { 'io.pulser/variables': 'A' }]) expect(variablesIn(wrong)).toEqual([]);
  });
});

describe('a pattern', () => {
  it.each([
    ['*', 'anything'],
    ['a*', 'a'],
    ['a*c', 'abc'],
    ['a*c*e', 'abcde'],
    ['exact', 'exact'],
  ])('%s fits %s', (pattern, name) => {
    expect(fits(pattern, name)).toBe(true);
  });

  it.each([
    ['a*', 'ba'],
    ['a*c', 'ab'],
    ['a*a', 'a'],
    ['exact', 'exactly'],
    ['a*c*e', 'ace-'],
    ['', 'a'],
  ])('%s does not fit %s', (pattern, name) => {
    expect(fits(pattern, name)).toBe(false);
  });
});
