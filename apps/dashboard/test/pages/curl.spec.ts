import { execFileSync } from 'node:child_process';

import type { TaskView } from '@pulser/contracts';

import { curlOf } from '../../src/pages/task/curl.policy.js';

describe('the command that submits a task again', () => {
  it('says what it says, whatever stands in the payload', () => {
    const payload = { operation: 'query', sql: `select 'it''s' || "a" from "$(rm -rf /)" \\ \n \`x\` !` };
    const task = { task_type: 'analytics', priority: 'high', payload, metadata: null } as unknown as TaskView;
    const command = curlOf('http://127.0.0.1:8000', task).replace('curl -sS', 'printf "%s\\0"');
    const words = execFileSync('bash', ['-c', command], { encoding: 'utf8', env: { PULSER_KEY: 'k' } }).split('\0');
    expect(words[0]).toBe('http://127.0.0.1:8000/api/v1/tasks');
    expect(words).toContain('Authorization: Bearer k');
    expect(JSON.parse(words.at(-2) ?? '')).toEqual({ task_type: 'analytics', priority: 'high', payload });
  });
});
