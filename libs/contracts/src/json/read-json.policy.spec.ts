import { isJsonMediaType, readJson } from './read-json.policy.js';

const read = (body: string | Buffer, maxBytes?: number) => readJson(Buffer.from(body as string), maxBytes);

describe('a JSON body', () => {
  it('is what it says', () => {
    expect(read('{"a":[1,"é",null]}')).toEqual({ kind: 'read', value: { a: [1, 'é', null] } });
  });

  it('may begin with a byte order mark', () => {
    expect(read('\uFEFF{}')).toEqual({ kind: 'read', value: {} });
  });

  it.each([
    ['nothing', '', 'notJson'],
    ['space', ' \n', 'notJson'],
    ['half of it', '{"a":', 'notJson'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'notJson'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'notJson'],
    ['a surrogate written in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'notJson'],
    ['a forbidden key', '{"__proto__":{}}', 'forbiddenKey'],
    ['a forbidden key with escapes', '{"\\u005F\\u005fproto__":1}', 'forbiddenKey'],
  ])('is refused for %s', (_case, body, why) => {
    expect(read(body)).toMatchObject({ kind: 'refused', why });
  });

  it('is refused above its limit of bytes, not of characters', () => {
    expect(read('"éé"', 6)).toMatchObject({ kind: 'read' });
    expect(read('"ééé"', 6)).toMatchObject({ kind: 'refused', why: 'tooLarge' });
  });

  it.each([
    '{"password":"hunter2",}',
    '{"password":hunter2}',
    'hunter2',
    '{"a":"hunter2\n"}',
    '["hunter2" 1]',
    '{"hunter2',
  ])('is not repeated in its refusal: %j', (body) => {
    expect(JSON.stringify(read(body))).not.toContain('hunter2');
  });

  it('says where it is wrong when that is known', () => {
    expect(read('{"a":"\n"}')).toMatchObject({ detail: 'It is not JSON at position 6' });
  });
});

describe('a media type', () => {
  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x'])(
    '%j is JSON',
    (type) => {
      expect(isJsonMediaType(type)).toBe(true);
    },
  );

  it.each(['', 'text/plain', 'application/jsonx', 'application/problem+json', 'json', 'application / json'])(
    '%j is another',
    (type) => {
      expect(isJsonMediaType(type)).toBe(false);
    },
  );
});
