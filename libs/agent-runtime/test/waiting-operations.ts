import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const nest = operation({
  name: 'nest',
  summary: 'Has children that have children, and counts the last ones',
  input: z.strictObject({ operation: z.literal('nest'), depth: z.int(), children: z.int() }),
  example: { operation: 'nest', depth: 1, children: 2 },
  handle: async ({ depth, children }, { child, waitFor }) => {
    if (depth === 0) return { leaves: 1 };
    const payload = { operation: 'nest', depth: depth - 1, children };
    const ids = await Promise.all(
      Array.from({ length: children }, (_, n) => child(String(n), { task_type: 'analytics', payload })),
    );
    const ended = await waitFor('all', { children: ids });
    if (ended.timedOut) return { leaves: 0 };
    return { leaves: ended.children.reduce((sum, { result }) => sum + (result as { leaves: number }).leaves, 0) };
  },
});

const listen = operation({
  name: 'listen',
  summary: 'Waits for a signal after something that must not be done twice',
  input: z.strictObject({ operation: z.literal('listen'), limit_s: z.number().optional() }),
  example: { operation: 'listen' },
  handle: async ({ limit_s }, { once, waitFor, attempt, log }) => {
    log('info', 'a run begins');
    const drawn = await once('draw', () => Promise.resolve(Math.random()));
    const heard = await waitFor('go', {
      signal: 'go',
      ...(limit_s !== undefined && { timeLimitS: limit_s, onTimeLimit: 'continue' as const }),
    });
    return { drawn, attempt, ...(heard.timedOut ? { timedOut: true } : { body: heard.signal.body }) };
  },
});

const deny = operation({
  name: 'deny',
  summary: 'Goes on as if nothing was to be waited for',
  input: z.strictObject({ operation: z.literal('deny'), by: z.enum(['return', 'throw']) }),
  example: { operation: 'deny', by: 'return' },
  handle: async ({ by }, { waitFor }) => {
    try {
      const { signal } = (await waitFor('go', { signal: 'go' })) as { signal: { body: unknown } };
      return { body: signal.body };
    } catch {
      if (by === 'throw') throw new Error('It gave up');
      return { gaveUp: true };
    }
  },
});

const later = operation({
  name: 'later',
  summary: 'Waits for a time that each run computes anew',
  input: z.strictObject({ operation: z.literal('later'), ms: z.number() }),
  example: { operation: 'later', ms: 1 },
  handle: async ({ ms }, { waitFor }) => waitFor('later', { until: new Date(Date.now() + ms).toISOString() }),
});

const adopt = operation({
  name: 'adopt',
  summary: 'Waits for a task that is no child of it',
  input: z.strictObject({ operation: z.literal('adopt'), task: z.string() }),
  example: { operation: 'adopt', task: '019a0000-0000-7000-8000-000000000000' },
  handle: async ({ task }, { waitFor }) => waitFor('other', { child: task }),
});

export const waitingOperations = [nest, listen, deny, later, adopt];
