import { ConfigError } from '@pulser/service-kit';

import { DataFolderUnusable } from '../data-folder/data-folder-unusable.js';
import { startFailure } from './start-failure.policy.js';

const listenError = (code: string): Error => Object.assign(new Error(`listen ${code}`), { code, port: 8000 });

describe('the line that says why Pulser cannot start', () => {
  it.each([
    ['EADDRINUSE', /^Pulser cannot start: port 8000 is in use: .*set PORT/],
    ['EACCES', /port 8000 needs more rights: set PORT/],
    ['EADDRNOTAVAIL', /set HOST to one it has/],
    ['ENOTFOUND', /set HOST to an address/],
  ])('knows the cure when listening fails with %s', (code, line) => {
    expect(startFailure(listenError(code)).line).toMatch(line);
  });

  it('tells the cure that an error brings along, also when it is the cause of another', () => {
    const error = new Error('outer', { cause: new DataFolderUnusable('the folder is full', 'make room') });
    expect(startFailure(error)).toEqual({ line: 'Pulser cannot start: the folder is full: make room', exitCode: 1 });
  });

  it('ends with the exit code of a wrong configuration', () => {
    expect(startFailure(new ConfigError('PORT is "x"'))).toEqual({
      line: 'Pulser cannot start: PORT is "x"',
      exitCode: 78,
    });
  });

  it('stays one line whatever happened', () => {
    expect(startFailure(new Error('one\ntwo')).line).toBe('Pulser cannot start: one two (LOG_LEVEL=debug tells more)');
  });
});
