import { setTimeout as wait } from 'node:timers/promises';

import { type Operation, operation } from '@pulser/agent-runtime';
import { TaskError } from '@pulser/contracts';
import { z } from 'zod';

import { block } from './block.js';
import type { Effects } from './effects.js';

const ref = z.string();

/** What the chaos worker can do: every way in which work ends, or does not. */
export const operations = (effects: Effects): readonly Operation[] => [
  operation({
    name: 'effect',
    summary: 'Has one effect outside',
    input: z.strictObject({ operation: z.literal('effect'), ref }),
    example: { operation: 'effect', ref: '1' },
    inline: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      await effects.have(input.ref, context);
      return {};
    },
  }),
  operation({
    name: 'flaky',
    summary: 'Fails some times, then has its effect',
    input: z.strictObject({ operation: z.literal('flaky'), ref, failures: z.int().min(1) }),
    example: { operation: 'flaky', ref: '1', failures: 1 },
    inline: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      if (context.attempt <= input.failures) throw new TaskError('handler_failed', 'Not yet');
      await effects.have(input.ref, context);
      return {};
    },
  }),
  operation({
    name: 'slow',
    summary: 'Waits, then has its effect',
    input: z.strictObject({ operation: z.literal('slow'), ref, seconds: z.number().min(0) }),
    example: { operation: 'slow', ref: '1', seconds: 1 },
    inline: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      await wait(input.seconds * 1_000, undefined, { signal: context.signal });
      await effects.have(input.ref, context);
      return {};
    },
  }),
  operation({
    name: 'block',
    summary: 'Keeps the event loop busy, then has its effect',
    input: z.strictObject({ operation: z.literal('block'), ref, seconds: z.number().min(0) }),
    example: { operation: 'block', ref: '1', seconds: 0.1 },
    inline: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      // The first attempt only: it is the worker that is broken, not the task.
      if (context.attempt === 1) block(input.seconds * 1_000);
      await effects.have(input.ref, context);
      return {};
    },
  }),
  operation({
    name: 'doomed',
    summary: 'Fails for good, without an effect',
    input: z.strictObject({ operation: z.literal('doomed'), ref }),
    example: { operation: 'doomed', ref: '1' },
    inline: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      throw new TaskError('handler_failed', 'Never', { permanent: true });
    },
  }),
];
