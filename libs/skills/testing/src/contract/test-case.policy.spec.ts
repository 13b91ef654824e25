import type { ApiOperation, ApiParameter } from './api-operation.js';
import { curlOf, requestOf } from './test-case.js';

const parameter = (name: string, place: ApiParameter['in'], explode = true): ApiParameter => ({
  name,
  in: place,
  required: true,
  pointer: '',
  explode,
  examples: [],
});

const operation: ApiOperation = {
  id: 'x',
  method: 'PUT',
  path: '/a/{b}/{c}',
  parameters: [],
  body: undefined,
  responses: new Map(),
  leftOut: [],
};

describe('a request', () => {
  it('has each value in its place, and at the host of the base alone', () => {
    const values = new Map<ApiParameter, unknown>([
      [parameter('b', 'path'), "//evil.example/?#'$&"],
      [parameter('c', 'path'), 7],
      [parameter('q', 'query'), ['a b', 'ä']],
      [parameter('r', 'query', false), [1, 2]],
      [parameter('X-H', 'header'), 'v'],
      [parameter('k', 'cookie'), 'a;b'],
    ]);
    const body = { text: '{"a":1}', mediaType: 'application/json' };
    const request = requestOf(
      new URL('http://api.example:8080/v1/'),
      { operation, label: '', legal: true, values, body },
      { authorization: 'Bearer x' },
    );
    expect(request).toEqual({
      url: new URL('http://api.example:8080/v1/a/%2F%2Fevil.example%2F%3F%23%27%24%26/7?q=a%20b&q=%C3%A4&r=1%2C2'),
      method: 'PUT',
      headers: { authorization: 'Bearer x', 'x-h': 'v', cookie: 'k=a%3Bb', 'content-type': 'application/json' },
      body: '{"a":1}',
    });
  });

  it('is a command for a shell, in which nothing of it is run and no key is shown', () => {
    const url = new URL("http://a.example/?x=`id`$(id)'");
    const headers = { 'x-api-key': 's3cret', 'x-b': "it's $HOME" };
    expect(curlOf({ url, method: 'POST', headers, body: "'; rm -rf / #" }, new Set(['x-api-key']))).toBe(
      `curl -sS -i --globoff --path-as-is -X POST -H "x-api-key: $X_API_KEY" -H 'x-b: it'\\''s $HOME' ` +
        `--data-raw ''\\''; rm -rf / #' 'http://a.example/?x=\`id\`$(id)%27'`,
    );
  });
});
