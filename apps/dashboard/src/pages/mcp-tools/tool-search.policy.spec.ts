import { narrowed, toolSearchOf } from './tool-search.policy.js';

const tool = (name: string, flag: 'read' | 'destructive', description: string) => ({
  ...{ name, flag, description, title: null },
  server: name.split('__')[0] ?? '',
});

const tools = [
  tool('github__repo_get', 'read', 'One repository'),
  tool('github__repo_delete', 'destructive', 'Deletes a repository'),
  tool('docker__image_list', 'read', 'Images with their tags'),
];

const names = (search: Parameters<typeof narrowed>[1]): string[] => narrowed(tools, search).map(({ name }) => name);

describe('tools that are looked for', () => {
  it('have all words in their names or descriptions, in any order', () => {
    expect(names({ q: 'repository deletes' })).toEqual(['github__repo_delete']);
    expect(names({ q: 'tags' })).toEqual(['docker__image_list']);
    expect(names({})).toHaveLength(3);
    expect(names({ q: 'nothing' })).toEqual([]);
  });

  it('are of a server and of a kind', () => {
    expect(names({ server: 'github', flag: 'read' })).toEqual(['github__repo_get']);
  });

  it('stand in the address, which may hold anything', () => {
    expect(toolSearchOf({ q: 'x', server: 'github', flag: 'write', task: 'deploy it' })).toEqual({
      ...{ q: 'x', server: 'github', flag: 'write', task: 'deploy it' },
    });
    expect(toolSearchOf({ q: '', flag: 'wild', server: 7 })).toEqual({});
  });
});
