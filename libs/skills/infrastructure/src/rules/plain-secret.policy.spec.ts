import { plainSecret } from './plain-secret.policy.js';

describe('a secret in plain text', () => {
  it.each([
    ['DB_PASSWORD', 'hunter2'],
    ['apiKey', 'abcdef'],
    ['SECRETS_KEY', 'c2VjcmV0'],
    ['github-token', 'ghp_x'],
    ['AWS_SECRET_ACCESS_KEY', 'x/y+z'],
    ['DATABASE_URL', 'postgres://me:secret@db/x'],
    ['CERT', '-----BEGIN RSA PRIVATE KEY-----'],
    ['DB_PASSWORD', '${DB_PASSWORD:-hunter2}'],
  ])('is %s=%s', (name, value) => {
    expect(plainSecret(name, value)).toContain(name);
  });

  it.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', '${DB_PASSWORD}'],
    ['DB_PASSWORD', '${DB_PASSWORD:?set it}'],
    ['DB_PASSWORD', '${orders-db.PASSWORD}'],
    ['DB_PASSWORD_FILE', '/run/secrets/x'],
    ['TOKEN_TTL', '5m'],
    ['MAX_TOKEN', '4096'],
    ['USE_TOKEN', 'true'],
    ['DATABASE_URL', 'postgres://me:${PASSWORD}@db/x'],
    ['DATABASE_URL', 'postgres://me@db/x'],
    ['KEYBOARD', 'de'],
    ['COMPASS', 'north'],
  ])('is not %s=%s', (name, value) => {
    expect(plainSecret(name, value)).toBeUndefined();
  });

  it('is looked for in linear time', () => {
    const startedAt = process.cpuUsage();
    plainSecret(`${'A_'.repeat(50_000)}PASSWORD`, `a://${':'.repeat(100_000)}`);
    plainSecret('x', '${'.repeat(100_000));
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000);
  });
});
