import { foreignIn, shapeOf } from './api-requests.js';

const [one, other] = ['01a2273b-f9c4-7ee8-be90-d20f3484bc01', '01a2273b-f9cc-7f58-830e-507d55f86dcb'];

describe('requests of pages', () => {
  it('are the same whatever the id, the page of the list and the time of the visit', () => {
    const noon = Date.parse('2026-11-29T12:00:00Z');
    const since = (from: string): string =>
      shapeOf(`http://h/api/v1/tasks/${one}?from=${encodeURIComponent(from)}`, noon);
    expect(since('2026-11-28T12:00:01.500Z')).toBe('/api/v1/tasks/…?from=24 h ago');
    expect(since('2026-11-29T11:55:00.000Z')).toBe('/api/v1/tasks/…?from=5 min ago');
    expect(shapeOf('http://h/api/v1/tasks?cursor=abc&limit=100')).toBe('/api/v1/tasks?cursor=…&limit=100');
  });
});

describe('an answer to another tenant', () => {
  it('has nothing foreign in it when it has ids of its own', () => {
    expect(foreignIn(`{"id":"${one}"}`, `{"id":"${other}"}`, 'secret')).toEqual([]);
  });

  it('is found out by an id or the word of the owner', () => {
    expect(foreignIn(`{"id":"${one}"}`, `["${other}","${one}"]`, 'secret')).toEqual([one]);
    expect(foreignIn('{"name":"secret-001"}', '[]', 'secret')).toEqual(['secret']);
  });
});
