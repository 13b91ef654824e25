import { cursorAfter, idOfCursor } from './parameters.js';

const id = '019a0000-0000-7000-8000-000000000001';

describe('a cursor', () => {
  it('comes back as the task it was made of', () => {
    expect(idOfCursor(cursorAfter(id))).toBe(id);
  });

  it('can stand in a URL as it is', () => {
    expect(encodeURIComponent(cursorAfter(id))).toBe(cursorAfter(id));
  });

  it.each(['', 'x', id, Buffer.from(id).toString('base64url'), Buffer.from(`v2:${id}`).toString('base64url')])(
    'is not %j',
    (cursor) => {
      expect(idOfCursor(cursor)).toBeUndefined();
    },
  );
});
