import { tryItOut } from './welcome.policy.js';

describe('the command to try it out', () => {
  const command = tryItOut('http://127.0.0.1:8000', 'pulser_key', {
    task_type: 'analytics',
    payload: { sql: "select 'it''s'" },
  });

  it('is one command of a POSIX shell', () => {
    const [first, ...rest] = command.split('\n');
    expect(first).toMatch(/^curl .*\\$/);
    for (const line of rest.slice(0, -1)) expect(line).toMatch(/\\$/);
    expect(rest.at(-1)).not.toMatch(/\\$/);
  });

  it('quotes what a shell would understand', () => {
    expect(command).toContain(`"sql":"select '\\''it'\\'''\\''s'\\''"`);
  });
});
