import { certificateFinding, tlsServersOf } from './certificates.policy.js';

const server = { name: 'AMQP_URL', host: 'rabbit.test', port: 5_671, start: 'atOnce' } as const;
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
        AMQP_URL: ['amqps://user:secret@rabbit.test/pulser'],
        SMTP_URL: ['smtp://mail.test'],
        HEALTH_TLS_URLS: ['https://[::1]:8443', 'http://plain.test', 'no URL'],
        NOTHING: [],
      }),
    ).toEqual([
      server,
      { name: 'SMTP_URL', host: 'mail.test', port: 587, start: 'smtp' },
      { name: 'HEALTH_TLS_URLS', host: '::1', port: 8_443, start: 'atOnce' },
    ]);
  });

  it.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=disable&sslrootcert=/ca.pem', false],
    ['?application_name=sslmode', false],
    ['?sslmode=verify-full', true],
    ['?sslrootcert=/ca.pem', true],
    ['?ssl=true', true],
  ])('is one of PostgreSQL%s: %s', (query, expected) => {
    const servers = tlsServersOf({ DATABASE_URL: [`postgres://pulser_service@db.test/pulser${query}`] });
    expect(servers).toEqual(
      expected ? [{ name: 'DATABASE_URL', host: 'db.test', port: 5_432, start: 'postgres' }] : [],
    );
  });
});
