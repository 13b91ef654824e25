import type { TaskStatus } from '@pulser/contracts';

import { uniqueVerdict } from './unique-tasks.policy.js';

const verdict = (on_conflict: 'skip' | 'replace' | 'cancel_running', status: TaskStatus, ageS = 5) =>
  uniqueVerdict({ key: 'a', window_s: 10, on_conflict }, { taskId: 't', status, ageS }).kind;

describe('a task with a unique key', () => {
  it('is created when there is no other in the window, or that was cancelled', () => {
    expect(uniqueVerdict({ key: 'a', window_s: 10, on_conflict: 'skip' }, undefined)).toEqual({ kind: 'create' });
    for (const on_conflict of ['skip', 'replace', 'cancel_running'] as const) {
      expect(verdict(on_conflict, 'queued', 10)).toBe('create');
      expect(verdict(on_conflict, 'cancelled')).toBe('create');
    }
  });

  it.each([
    ['skip', 'queued', 'skip'],
    ['skip', 'running', 'skip'],
    ['skip', 'completed', 'skip'],
    ['replace', 'scheduled', 'replace'],
    ['replace', 'queued', 'replace'],
    ['replace', 'retrying', 'replace'],
    ['replace', 'waiting', 'replace'],
    ['replace', 'running', 'skip'],
    ['replace', 'failed', 'skip'],
    ['cancel_running', 'queued', 'replace'],
    ['cancel_running', 'running', 'replace'],
    ['cancel_running', 'completed', 'create'],
  ] as const)('with %s beside one that is %s: %s', (onConflict, status, expected) => {
    expect(verdict(onConflict, status)).toBe(expected);
  });
});
