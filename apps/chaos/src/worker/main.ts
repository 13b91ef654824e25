// The worker of a chaos run: the agent `chaos`, admitted from outside, whose tasks have effects on the outside system.
import { setTimeout as wait } from 'node:timers/promises';

import { defineAgent, type Operation, operation, skill } from '@pulser/agent-runtime';
import { TaskError } from '@pulser/contracts';
import { openAsAdministrator } from '@pulser/harness';
import { Env, runService } from '@pulser/service-kit';
import { z } from 'zod';

import { Effects, Outside, ownAgent, ownTaskType } from './outside.js';

/** Settings beyond those of every worker. */
class WorkerEnv extends Env({
  CHAOS_OUTSIDE_URL: z.url().describe('PostgreSQL that holds the schema "chaos", the system outside'),
}) {}

/** Blocks the event loop, in milliseconds. */
const block = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const ref = z.string();

/** Every way in which work ends, or does not. */
const operations = (effects: Effects): readonly Operation[] => [
  operation({
    name: 'effect',
    summary: 'Applies one effect outside',
    // Of a schedule, whose payload is the same each time, the id of the task is the reference.
    input: z.strictObject({ operation: z.literal('effect'), ref: ref.optional() }),
    example: { operation: 'effect', ref: '1' },
    inline: true,
    handle: async (input, context) => {
      const own = input.ref ?? context.taskId;
      await effects.begin(own, context);
      await effects.have(own, context);
      return {};
    },
  }),
  operation({
    name: 'repeat',
    summary: 'Has no effect: it may run again after a crash',
    input: z.strictObject({ operation: z.literal('repeat'), ref }),
    example: { operation: 'repeat', ref: '1' },
    inline: true,
    repeatable: true,
    handle: async (input, context) => {
      await effects.begin(input.ref, context);
      return {};
    },
  }),
  operation({
    name: 'flaky',
    summary: 'Fails some times, then applies its effect',
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
    summary: 'Waits, then applies its effect',
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
    summary: 'Keeps the event loop busy, then applies its effect',
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

const connections = 4;

let outside: Promise<Outside> | undefined;

// Opened by the first task that can: the outside system may be down when the worker starts.
const open = async (): Promise<Outside> =>
  new Outside(await openAsAdministrator(WorkerEnv.read().CHAOS_OUTSIDE_URL, connections, 'chaos-outside'));

const opened = (): Promise<Outside> =>
  (outside ??= open().catch((error: unknown) => {
    outside = undefined;
    throw error;
  }));

// Threads are given no settings, so these operations run inline.
const effects = skill(ownTaskType, import.meta.url, operations(new Effects(opened)));

await runService(defineAgent({ name: ownAgent, skills: [effects], defaultPort: 8_030 }));
