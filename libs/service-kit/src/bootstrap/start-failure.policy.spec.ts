import { ConfigError } from '../env/env.js';
import { startFailure } from './start-failure.policy.js';

const listening = (code: string, port: number): Error =>
  Object.assign(new Error(`listen ${code}`), { code, port, syscall: 'listen' });

const hinted = (message: string, startHint: string): Error => Object.assign(new Error(message), { startHint });

describe('a service that cannot start', () => {
  it.each([
    [new ConfigError('PORT is "x"'), 'router cannot start: PORT is "x"', 78],
    [
      listening('EADDRINUSE', 8001),
      'router cannot start: port 8001 is in use: stop whatever listens there, or set PORT to a free port (0 picks one)',
      1,
    ],
    [listening('EACCES', 80), 'router cannot start: port 80 needs more rights: set PORT to one above 1023', 1],
    [
      listening('EADDRNOTAVAIL', 80),
      'router cannot start: this machine does not have the address to listen on: set HOST to one it has, or to 0.0.0.0',
      1,
    ],
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND no.such.host'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
      'router cannot start: the name in HOST is not known: set HOST to an address of this machine, or to 0.0.0.0',
      1,
    ],
    [
      new Error('wrapped', { cause: hinted('no database at db:5432', 'set DATABASE_URL') }),
      'router cannot start: no database at db:5432: set DATABASE_URL',
      1,
    ],
    [new Error('line\nand line'), 'router cannot start: line and line (LOG_LEVEL=debug tells more)', 1],
    ['text', 'router cannot start: text (LOG_LEVEL=debug tells more)', 1],
    [new Error('amqp://a:hunter2@b'), 'router cannot start: amqp://a:[redacted]@b (LOG_LEVEL=debug tells more)', 1],
  ])('says why in one line: %s', (error, line, exitCode) => {
    expect(startFailure('router', error)).toEqual({ line, exitCode });
  });

  it('survives causes that go round', () => {
    const error = new Error('round');
    error.cause = error;

    expect(startFailure('router', error).exitCode).toBe(1);
  });
});
