import { queryFailure, sourceFailure, withoutAdvice } from './failure.policy.js';

const thrown = (fields: Record<string, string>): Error => new Error(JSON.stringify(fields));

describe('the advice of DuckDB', () => {
  it.each([
    [
      'Pivot column limit of 100000 exceeded. Use SET pivot_limit=X to increase the limit.',
      'Pivot column limit of 100000 exceeded.',
    ],
    [
      'Duplicate name "a" in struct auto-detected in JSON, try ignore_errors=true',
      'Duplicate name "a" in struct auto-detected in JSON',
    ],
    [
      "Malformed JSON. Try increasing 'sample_size', reducing 'maximum_depth', specifying 'columns'.",
      'Malformed JSON.',
    ],
    [
      'Wrong.\nPossible solutions:\n* Set the sample size to a larger value\n* Enable ignore errors (ignore_errors=true) to skip this row',
      'Wrong.',
    ],
    [
      'In an extension.\n\nPlease try installing and loading the spatial extension by running:\nINSTALL spatial;\nLOAD spatial;',
      'In an extension.',
    ],
    [
      'Cannot compare. If you are trying to read files with different schemas, try setting union_by_name=True',
      'Cannot compare.',
    ],
  ])('on options and extensions is left out: %s', (message, kept) => {
    expect(withoutAdvice(message)).toBe(kept);
  });

  it.each([
    'No function matches. You might need to add explicit type casts.',
    'INTERVALs do not work with 13 month calendars. Try using DATE_DIFF instead.',
    "Could not convert string 'SET a = 1' to INT32",
    'Referenced column "set" not found!\nCandidate bindings: "options"',
    'SET a=1',
  ])('on the SQL is kept: %s', (message) => {
    expect(withoutAdvice(message)).toBe(message);
  });
});

describe('what DuckDB throws', () => {
  it('keeps its words and its place', () => {
    const error = thrown({ exception_type: 'Binder', exception_message: 'No such column', position: '9' });
    expect(queryFailure(error, 'SELECT\n  nope,\n  1')).toEqual({
      code: 'query_failed',
      message: 'Binder Error: No such column',
      details: { position: 9, line: 2, excerpt: 'nope,' },
    });
  });

  it('is found behind a preamble', () => {
    const json = JSON.stringify({ exception_type: 'Parser', exception_message: 'syntax error', position: '7' });
    const error = new Error(`Failed to extract statements: Parser Error: ${json}`);
    expect(queryFailure(error, 'SELECT FROM')).toMatchObject({ message: 'Parser Error: syntax error' });
  });

  it('shows the part of a long line around the place', () => {
    const sql = `SELECT ${'x'.repeat(500)} nope`;
    const error = thrown({ exception_type: 'Binder', exception_message: 'No', position: '508' });
    const { excerpt } = queryFailure(error, sql).details;
    expect(excerpt).toMatch(/^x+ nope$/);
    expect(String(excerpt).length).toBeLessThanOrEqual(120);
  });

  it('may point behind the end of the SQL', () => {
    const error = thrown({ exception_type: 'Parser', exception_message: 'unexpected end', position: '99' });
    expect(queryFailure(error, 'SELECT (').details).toEqual({ position: 8, line: 1, excerpt: 'SELECT (' });
  });

  it('never holds a NUL, which no database column takes', () => {
    const error = thrown({ exception_type: 'Invalid Input', exception_message: 'a\u0000b' });
    expect(queryFailure(error, '').message).toBe('Invalid Input Error: a\ufffdb');
  });

  it.each([thrown({ exception_type: 'Out of Memory', exception_message: 'x' }), new Error('std::bad_alloc')])(
    'is a resource_limit when memory ran out',
    (error) => {
      expect(queryFailure(error, 'SELECT 1')).toMatchObject({ code: 'resource_limit' });
      expect(sourceFailure(error, { name: 'sales', path: '/x', format: 'json' })).toMatchObject({
        code: 'resource_limit',
        message: 'The source sales needs more memory than a task may use',
      });
    },
  );

  it('about a source names the source instead of its file, without advice', () => {
    const error = thrown({
      exception_type: 'Invalid Input',
      exception_message: 'CSV Error on Line: 3\nPossible fixes:\n* ignore\n\n  file = /tmp/x/0.csv',
    });
    const source = {
      name: 'sales',
      path: '/tmp/x/0.csv',
      format: 'csv',
      dialect: { delimiter: ',', columns: 1 },
    } as const;
    const reason = 'Invalid Input Error: CSV Error on Line: 3';
    expect(sourceFailure(error, source)).toEqual({
      code: 'source_unreadable',
      message: `The source sales cannot be read: ${reason}`,
      details: { source: 'sales', reason },
    });
    expect(sourceFailure('/tmp/x/0.csv is odd', source)).toMatchObject({ details: { reason: 'sales is odd' } });
  });
});
