import { failureCode } from './errors.js';

describe('the code of a failure', () => {
  it.each([
    ['ENOTFOUND', 'name_not_found'],
    ['EAI_AGAIN', 'name_unresolved'],
    ['ECONNREFUSED', 'connect_failed'],
    ['ECONNRESET', 'connection_lost'],
    ['UND_ERR_BODY_TIMEOUT', 'timed_out'],
    ['UND_ERR_HEADERS_OVERFLOW', 'headers_too_large'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'body_too_large'],
    ['CERT_HAS_EXPIRED', 'certificate_invalid'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate_invalid'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'connect_failed'],
    ['HPE_INVALID_CONSTANT', 'not_http'],
    ['Z_BUF_ERROR', 'not_http'],
  ])('is made from %s: %s', (code, outcome) => {
    expect(failureCode(Object.assign(new Error('x'), { code }))).toBe(outcome);
  });

  it('is the general one for what nobody knows', () => {
    for (const thrown of [new Error('x'), Object.assign(new Error('x'), { code: 7 }), 'text', null, undefined])
      expect(failureCode(thrown)).toBe('request_failed');
  });
});
