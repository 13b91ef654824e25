import { changesBetween, differenceOf } from './definition-changes.policy.js';

const before = { name: 'read', description: 'Reads a file', inputSchema: { required: ['path'], properties: {} } };

describe('two definitions of a tool', () => {
  it('differ in members that changed, came and went', () => {
    const after = { name: 'read', description: 'Sends a file', inputSchema: { required: ['path', 'to'], extra: true } };
    expect(changesBetween(before, after)).toEqual([
      { place: '/description', before: 'Reads a file', after: 'Sends a file' },
      { place: '/inputSchema/required/1', before: undefined, after: 'to' },
      { place: '/inputSchema/extra', before: undefined, after: 'true' },
      { place: '/inputSchema/properties', before: '{}', after: undefined },
    ]);
  });

  it('differ in nothing, or in all where there was none', () => {
    expect(changesBetween(before, structuredClone(before))).toEqual([]);
    expect(changesBetween(null, { name: 'read' })).toEqual([{ place: '/name', before: undefined, after: 'read' }]);
  });

  it('have texts of which only the words between are another', () => {
    expect(differenceOf('Reads a file for you', 'Reads and sends a file for you')).toEqual({
      ...{ start: 'Reads ', before: '', after: 'and sends ', end: 'a file for you' },
    });
    expect(differenceOf('one', 'two')).toEqual({ start: '', before: 'one', after: 'two', end: '' });
    expect(differenceOf('a a', 'a a a')).toEqual({ start: 'a a', before: '', after: ' a', end: '' });
  });
});
