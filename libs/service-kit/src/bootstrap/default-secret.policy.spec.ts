import { ConfigError } from '../env/env.js';
import { type Exposure, refuseDefaultSecrets, isLoopback } from './default-secret.policy.js';

const everywhere = { HOST: '0.0.0.0' };

const start = (value: string, exposure: Exposure): void => {
  refuseDefaultSecrets(['DATABASE_URL', 'ANY'], { ANY: value, UNKNOWN: 'amqp://guest:guest@rabbit' }, exposure);
};

describe('a password that anybody knows', () => {
  it.each([
    'amqp://guest:guest@rabbit:5672',
    'amqp://rabbit',
    'amqps://rabbit/vhost',
    'postgresql://pulser_app:pulser_app@db/postgres',
    'postgresql://postgres:postgres@db/postgres',
    'postgresql://pulser_app:Password@db/postgres',
    'super-secret-jwt-token-with-at-least-32-characters-long',
  ])('keeps a service from starting that others can reach: %s', (value) => {
    expect(() => {
      start(value, everywhere);
    }).toThrow(/^ANY has a default password/);
  });

  it.each([
    'amqp://pulser:9f8sT2q_w@rabbit',
    'postgresql://pulser_app:9f8sT2q_w@db/postgres',
    'postgresql://pulser_app@db/postgres',
    'postgresql:///postgres?host=/run/postgresql',
    'postgresql://pulser_app:100%@db/postgres',
    'pulser',
    'https://login.example/secret',
    '',
  ])('is not what is in %j', (value) => {
    start(value, { ...everywhere, NODE_ENV: 'production' });
  });

  it('is told without repeating it', () => {
    expect(() => {
      start('postgresql://somebody:changeme@db', everywhere);
    }).toThrow(expect.not.objectContaining({ message: expect.stringContaining('changeme') as string }) as ConfigError);
  });

  it.each([
    [{ HOST: '127.0.0.1' }, false],
    [{ HOST: '0.0.0.0', NODE_ENV: 'development' }, false],
    [{ HOST: '0.0.0.0', NODE_ENV: 'test' }, true],
    [{ HOST: '127.0.0.1', NODE_ENV: 'production' }, true],
  ])('counts where others can reach the service, and always in production: %j', (exposure, refused) => {
    const attempt = () => {
      start('amqp://guest:guest@rabbit', exposure);
    };
    if (refused) expect(attempt).toThrow(ConfigError);
    else attempt();
  });
});

describe('an address', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('%s is reached from this machine only', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '', '10.0.0.1', '127.evil.example', 'localhost.example', '::ffff:10.0.0.1'])(
    '%j may be reached from elsewhere',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
