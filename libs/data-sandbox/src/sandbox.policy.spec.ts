import { deathOf } from './sandbox.js';

describe('the end of a sandbox at work', () => {
  it('by SIGKILL means that memory ran out', () => {
    expect(deathOf(null, 'SIGKILL')).toMatchObject({ code: 'resource_limit', permanent: true });
  });

  it('by a crash is a fault of the query', () => {
    expect(deathOf(null, 'SIGABRT')).toMatchObject({ code: 'query_failed', permanent: true });
    expect(deathOf(null, 'SIGSEGV')).toMatchObject({ message: 'The query makes DuckDB crash (SIGSEGV)' });
  });

  it('by anything else deserves another attempt', () => {
    expect(deathOf(1, null)).toEqual(new Error('The query process ended with 1'));
    expect(deathOf(null, 'SIGTERM')).toEqual(new Error('The query process ended with SIGTERM'));
  });
});
