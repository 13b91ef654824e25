import { QueryRunnerAlreadyReleasedError } from 'typeorm';

import { isTransient } from './database.js';

const reported = (code: string, severity = 'ERROR'): Error =>
  Object.assign(new Error('as reported'), { code, severity });

describe('an error of the database', () => {
  it.each<readonly [string, unknown]>([
    ['a lost connection', reported('08006')],
    ['a server without connections left', reported('53300', 'FATAL')],
    ['a shutdown', reported('57P01', 'FATAL')],
    ['a serialization failure', reported('40001')],
    ['a deadlock', reported('40P01')],
    ['a protocol violation that ends the connection', reported('08P01', 'FATAL')],
    ['a refused connection', reported('ECONNREFUSED')],
    ['a connection that was terminated', new Error('Connection terminated unexpectedly')],
    ['a broken connection of TypeORM', new QueryRunnerAlreadyReleasedError()],
  ])('may pass: %s', (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each<readonly [string, unknown]>([
    ['a message that PostgreSQL cannot read, on a connection that goes on', reported('08P01')],
    ['a division by zero', reported('22012')],
    ['a missing right', reported('42501')],
    ['a cancelled statement', reported('57014')],
    ['an error without a code', new Error('No such thing')],
    ['no error', 'connection terminated'],
  ])('stays: %s', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});
