import { certificateFinding, tlsServersOf } from './certificates.policy.js';

const server = { name: 'AMQP_URL', host: 'rabbit.test', port: 5_671 };
const now = new Date('2026-11-29T12:00:00Z');

const found = (validTo: string): string => {
  const { state, severity } = certificateFinding(server, new Date(validTo), now);
  return state === 'open' ? severity : 'fine';
};

describe('a certificate', () => {
  it.each([
    ['2027-11-29T12:00:00Z', 'fine'],
    ['2026-12-20T12:00:00Z', 'fine'],
    ['2026-12-20T11:00:00Z', 'warning'],
    ['2026-12-02T11:00:00Z', 'critical'],
    ['2026-11-01T12:00:00Z', 'critical'],
  ])('that is valid until %s is %s', (validTo, verdict) => {
    expect(found(validTo)).toBe(verdict);
  });

  it('is one of the servers that the configuration names with TLS', () => {
    expect(
      tlsServersOf({
        AMQP_URL: 'amqps://user:secret@rabbit.test/pulser',
        SMTP_URL: 'smtp://mail.test:587',
        PUBLIC_URL: 'https://[::1]:8443',
        NOTHING: undefined,
      }),
    ).toEqual([server, { name: 'PUBLIC_URL', host: '::1', port: 8_443 }]);
  });
});
