import { execFileSync } from 'node:child_process';

import { curlCommand, fetchCode } from '../../src/pages/submit/submit-code.policy.js';

const body = {
  task_type: 'analytics',
  priority: 'high',
  payload: { operation: 'query', sql: `select 'it''s' || "a" \\ \n \`x\` \${y} $(rm -rf /) !` },
  deadline_s: 90,
} as const;
const origin = 'http://127.0.0.1:8000';

describe('a submission copied', () => {
  it('as a command says what it says, whatever stands in it', () => {
    const command = curlCommand(origin, body, `it's`).replace('curl -sS', 'printf "%s\\0"');
    const words = execFileSync('bash', ['-c', command], { encoding: 'utf8', env: { PULSER_KEY: 'k' } }).split('\0');
    expect(words[0]).toBe(`${origin}/api/v1/tasks`);
    expect(words).toContain('Authorization: Bearer k');
    expect(words).toContain(`Idempotency-Key: it's`);
    expect(JSON.parse(words.at(-2) ?? '')).toEqual(body);
  });

  it('as code asks the same', () => {
    const fake = `globalThis.fetch = async (url, { method, headers, body }) => {
      console.log(JSON.stringify({ url, method, headers, body: JSON.parse(body) }));
      return new Response('{"task_id":"1","status":"queued"}');
    };\n`;
    const code = fetchCode(origin, body, 'mine').replace(' as { task_id: string; status: string }', '');
    const args = ['--input-type=module', '--eval', fake + code];
    const [asked = ''] = execFileSync(process.execPath, args, { encoding: 'utf8', env: { PULSER_KEY: 'k' } }).split(
      '\n',
    );
    expect(JSON.parse(asked)).toEqual({
      url: `${origin}/api/v1/tasks`,
      method: 'POST',
      headers: { authorization: 'Bearer k', 'content-type': 'application/json', 'idempotency-key': 'mine' },
      body,
    });
  });
});
