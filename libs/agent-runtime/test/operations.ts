import { setTimeout as delay } from 'node:timers/promises';

import { TaskError } from '@pulser/contracts';
import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const echoed = operation({
  name: 'echo',
  summary: 'Answers with what it was given',
  input: z.strictObject({ operation: z.literal('echo'), value: z.unknown() }),
  example: { operation: 'echo', value: 1 },
  handle: ({ value }) => Promise.resolve({ value }),
});

const told = operation({
  name: 'tell',
  summary: 'Says how it gets on',
  input: z.strictObject({ operation: z.literal('tell') }),
  example: { operation: 'tell' },
  handle: async (_input, context) => {
    context.log('info', 'half way', { step: 1 });
    context.progress(50, 'half');
    await context.artifact('note.txt', 'text/plain', Buffer.from('hello'));
    return { done: true };
  },
});

const broken = operation({
  name: 'break',
  summary: 'Fails as often as it is told to',
  input: z.strictObject({ operation: z.literal('break'), times: z.int(), permanent: z.boolean().default(false) }),
  example: { operation: 'break', times: 1 },
  handle: ({ times, permanent }, { attempt }) => {
    if (attempt > times) return Promise.resolve({ attempt });
    return Promise.reject(new TaskError('handler_failed', `attempt ${attempt}`, { permanent, retryAfterMs: 1 }));
  },
});

const endless = operation({
  name: 'wait',
  summary: 'Runs until it is told to stop',
  input: z.strictObject({ operation: z.literal('wait') }),
  example: { operation: 'wait' },
  handle: (_input, { signal }) => delay(3_600_000, undefined, { signal }),
});

const large = operation({
  name: 'large',
  summary: 'Answers with so many characters',
  input: z.strictObject({ operation: z.literal('large'), characters: z.int() }),
  example: { operation: 'large', characters: 1 },
  handle: ({ characters }) => Promise.resolve('x'.repeat(characters)),
});

const settled = operation({
  name: 'settings',
  summary: 'Reads a setting of its tenant',
  input: z.strictObject({ operation: z.literal('settings') }),
  example: { operation: 'settings' },
  handle: async (_input, context) => ({ hosts: (await context.setting('allowed-hosts')) ?? 'none' }),
});

/** What a worker does for a handler, whichever thread it runs in. */
export const operations = [echoed, told, broken, endless, large, settled];
