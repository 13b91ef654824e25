import { VendorApi, DocumentedServer } from '../src/vendor-api/index.js';

const api = new VendorApi({
  operations: {
    'things/list': {
      method: 'GET',
      path: '/things',
      query: { page: { type: 'integer', minimum: 1 }, sort: { enum: ['name'] } },
      required: ['page'],
      answers: { '200': { type: 'array', items: { $ref: '#/$defs/thing' } }, '204': null },
    },
    'things/get': { method: 'GET', path: '/things/{id}', query: {}, answers: { '200': { $ref: '#/$defs/thing' } } },
    'things/mine': { method: 'GET', path: '/things/mine', query: {}, answers: { '200': { $ref: '#/$defs/thing' } } },
    'things/create': {
      method: 'POST',
      path: '/things',
      query: {},
      body: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      answers: { '201': { $ref: '#/$defs/thing' } },
    },
  },
  $defs: {
    thing: {
      allOf: [{ type: 'object', properties: { id: { type: 'integer', minimum: 7 } }, required: ['id'] }],
      properties: {
        name: { type: 'string', minLength: 2 },
        owner: { type: ['object', 'null'], properties: { login: { type: 'string' } }, required: ['login'] },
        made_at: { type: 'string', format: 'date-time' },
        kind: { enum: ['small', 'large'] },
      },
      required: ['name', 'owner', 'made_at', 'kind'],
    },
  },
});

describe("a vendor's API", () => {
  it('knows its operations, a literal path before one with parameters', () => {
    expect(api.match('GET', '/things/mine')).toEqual({ id: 'things/mine', params: {} });
    expect(api.match('GET', '/things/a%2Fb')).toEqual({ id: 'things/get', params: { id: 'a/b' } });
    expect(api.match('DELETE', '/things/1')).toBeUndefined();
    expect(api.match('GET', '/things/1/2')).toBeUndefined();
  });

  it.each([
    ['things/list', 'page=1&sort=name', undefined, 0],
    ['things/list', 'page=0', undefined, 1],
    ['things/list', 'page=x', undefined, 1],
    ['things/list', 'page=1&sort=age', undefined, 1],
    ['things/list', 'page=1&other=1', undefined, 1],
    ['things/list', '', undefined, 1],
    ['things/list', 'page=1', {}, 1],
    ['things/create', '', { name: 'a' }, 0],
    ['things/create', '', { name: 1 }, 1],
    ['things/create', '', undefined, 1],
  ])('holds a request of %s with %p and %p against its document', (id, query, body, problems) => {
    expect(api.requestProblems(id, new URLSearchParams(query), body)).toHaveLength(problems);
  });

  it('holds answers against its document', () => {
    const thing = { id: 7, name: 'ab', owner: null, made_at: 'now', kind: 'small' };
    expect(api.answerProblems('things/get', 200, thing)).toEqual([]);
    expect(api.answerProblems('things/get', 200, { ...thing, id: 1, kind: 'tiny' })).toEqual([
      expect.stringMatching(/\/id .*\/kind /),
    ]);
    expect(api.answerProblems('things/get', 202, thing)).toEqual(['things/get answers no 202']);
    expect(api.answerProblems('things/get', 500, { anything: true })).toEqual([]);
    expect(api.answerProblems('things/list', 204, undefined)).toEqual([]);
  });

  it('completes an answer with the least of what its document asks for', () => {
    const least = { id: 7, name: 'xx', owner: null, made_at: '2026-01-01T00:00:00Z', kind: 'small' };
    expect(api.answer('things/get', 200, {})).toEqual(least);
    const given = [{ owner: { name: 'x' }, kind: 'large', name: undefined }, { more: [1] }];
    expect(api.answer('things/list', 200, given)).toEqual([
      { ...least, owner: { login: 'x', name: 'x' }, kind: 'large' },
      { ...least, more: [1] },
    ]);
  });

  it('is served, and what does not agree with the document is kept', async () => {
    const server = await DocumentedServer.start({
      api,
      prefix: '/v1',
      operations: {
        'things/get': () => ({ status: 200, body: { id: 1 } }),
        'things/create': (request) => ({ status: 201, body: api.answer(request.operation, 201, {}) }),
      },
    });
    try {
      await fetch(`${server.url}/things`, { method: 'POST', body: '{"name":"a"}' });
      expect(server.violations).toEqual([]);
      await fetch(`${server.url}/things/1?x=1`);
      await fetch(`${server.origin}/elsewhere`);
      expect(server.violations).toHaveLength(3);
      expect([server.count('things/create'), server.count('things/get')]).toEqual([1, 1]);
      server.fail('things/create', { kind: 'malformed' });
      await expect(
        fetch(`${server.url}/things`, { method: 'POST', body: '{"name":"a"}' }).then((answer) => answer.json()),
      ).rejects.toThrow('JSON');
      server.fail('things/create', { kind: 'truncated' });
      await expect(
        fetch(`${server.url}/things`, { method: 'POST', body: '{"name":"a"}' }).then((answer) => answer.text()),
      ).rejects.toThrow();
    } finally {
      await server.stop();
    }
  });
});
