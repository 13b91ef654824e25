import { credentialOf } from './credential.policy.js';

describe('the credential of a request', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER   abc'])('is a key in %j', (header) => {
    expect(credentialOf(header)).toEqual({ kind: 'key', text: 'abc' });
  });

  it.each(['e30.e30.c2ln', 'e30.e30.', 'e30..'])('is a token in "Bearer %s"', (text) => {
    expect(credentialOf(`Bearer ${text}`)).toEqual({ kind: 'token', text });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'Bearer a b',
    'Bearer é',
    `Bearer ${'x'.repeat(201)}`,
    `Bearer e30.${'x'.repeat(8_200)}.c2ln`,
  ])('is not in %j', (header) => {
    expect(credentialOf(header)).toBeUndefined();
  });
});
