import { BrokerRefused } from '../broker/broker-errors.js';
import { connectFailure, frameWarning, setupFailure } from './rabbit-connection.js';

const failed = (message: string, code?: string | number): Error => Object.assign(new Error(message), { code });

const hintOf = (error: Error): string | undefined => (error instanceof BrokerRefused ? error.startHint : undefined);

describe('a connection that fails', () => {
  it.each([
    ['nothing listens', failed('connect ECONNREFUSED 127.0.0.1:5672', 'ECONNREFUSED')],
    ['the name is not known, yet', failed('getaddrinfo ENOTFOUND rabbitmq', 'ENOTFOUND')],
    ['nothing answers', failed('connect ETIMEDOUT')],
    ['the broker goes while it greets', failed('Socket closed abruptly during opening handshake')],
    ['the broker is not ready', failed('Handshake terminated by server: 541 (INTERNAL-ERROR) with message "starting"')],
    ['its certificate has expired: it will be renewed', failed('certificate has expired', 'CERT_HAS_EXPIRED')],
  ])('is tried again when %s', (_case, error) => {
    expect(connectFailure(error)).toMatchObject({ transient: true });
    expect(hintOf(connectFailure(error))).toBeUndefined();
  });

  it.each([
    [
      'the credentials',
      failed('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "Login was refused"'),
      'set the user and password in AMQP_URL',
    ],
    ['the virtual host', failed('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'), /^set one in AMQP_URL/],
    [
      'a certificate that is not trusted',
      failed('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
      /AMQP_CA_FILE/,
    ],
    [
      'a certificate of an authority that is not known',
      failed('unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'),
      /AMQP_CA_FILE/,
    ],
    [
      'a certificate of another host',
      failed("Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "),
      /host name in AMQP_URL/,
    ],
  ])('stops a start when the reason is %s', (_case, error, hint) => {
    expect(connectFailure(error)).toMatchObject({ transient: false, cause: error });
    expect(hintOf(connectFailure(error))).toEqual(expect.stringMatching(hint));
  });

  it('names the code of an error without a message', () => {
    expect(connectFailure(failed('', 'ECONNREFUSED')).message).toContain('it cannot be reached (ECONNREFUSED)');
  });
});

describe('what the broker refuses on a connection', () => {
  it('stops a start for want of a permission only', () => {
    expect(setupFailure(failed('ACCESS_REFUSED', 403))).toBeInstanceOf(BrokerRefused);
    for (const code of [404, 405, 406, 541]) expect(hintOf(setupFailure(failed('NO', code)))).toBeUndefined();
    expect(hintOf(setupFailure(failed('Channel ended, no reply will be forthcoming')))).toBeUndefined();
  });
});

describe('frames of a broker', () => {
  it('of 16 KiB hold no headers that could end a connection', () => {
    expect(frameWarning({ frameMax: 16_384 })).toBeUndefined();
  });

  it.each([16_385, 131_072])('of %s bytes do, and whoever runs Pulser is told what to set', (frameMax) => {
    expect(frameWarning({ frameMax })).toMatch(/^[^\n]+ frame_max = 16384$/);
  });
});
