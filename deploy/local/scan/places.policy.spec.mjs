import { placesOf } from './places.policy.mjs';

const document = {
  paths: {
    '/tasks': {
      get: {
        parameters: [
          { name: 'limit', in: 'query' },
          { name: 'ETag', in: 'header' },
        ],
      },
      post: {},
    },
    '/tasks/{id}/files/{name}': { get: {} },
    '/tasks/{id}/events': { get: {} },
    '/tasks/batch': { post: {} },
  },
};

describe('the places of an API that are scanned', () => {
  it('are all that can be read, with every parameter of path and query', () => {
    expect(placesOf(document, { id: 'a/b' })).toEqual(['/tasks?limit=5', '/tasks/a%2Fb/files/x']);
  });
});
