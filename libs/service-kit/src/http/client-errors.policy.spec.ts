import { clientRefusal } from './client-errors.js';

describe('a client that Node’s parser refuses', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', 431, 'head_too_large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'],
    ['HPE_INVALID_METHOD', 400, 'invalid_request'],
    ['', 400, 'invalid_request'],
  ])('with %j gets %d', (error, status, code) => {
    expect(clientRefusal(error)).toMatchObject({ status, code });
  });
});
