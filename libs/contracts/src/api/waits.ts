import { z } from 'zod';

import { boundedObject } from '../tasks.js';

/** Bytes of the body of a signal. */
export const maxSignalBytes = 65_536;

export const SignalName = z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/);

export const SignalBody = boundedObject('What the task gets with the signal, at most 64 KiB');
export type SignalBody = z.infer<typeof SignalBody>;

export const AcceptedSignal = z
  .object({
    name: SignalName,
    key: z.string(),
    received_at: z.iso.datetime(),
    woken: z.boolean().meta({ description: 'Whether the task waited for it; if not, it is kept until the task does' }),
  })
  .meta({ id: 'AcceptedSignal' });
export type AcceptedSignal = z.infer<typeof AcceptedSignal>;

export const waitKinds = ['child', 'children', 'signal', 'time', 'run', 'approval'] as const;

const Time = z.iso.datetime().nullable();

/** Something that a task waits for or has waited for. */
export const TaskWait = z.object({
  key: z.string().meta({ description: 'That the handler gave it' }),
  kind: z.enum(waitKinds),
  name: z.string().nullable().meta({ description: 'Of a signal' }),
  approval: z.uuid().nullable().meta({ description: 'Id of the approval that it waits for' }),
  children: z.array(z.uuid()).meta({ description: 'That it waits for, the first 100' }),
  until: Time.meta({ description: 'The time that it waits for' }),
  on_limit: z.enum(['fail', 'continue']).meta({ description: 'What becomes of the task when the time limit passes' }),
  asked_at: z.iso.datetime(),
  satisfied_at: Time,
  timed_out: z.boolean(),
  is_current: z.boolean().meta({ description: 'Whether the task waits for it now' }),
});
export type TaskWait = z.infer<typeof TaskWait>;

export const TaskWaitsView = z
  .object({
    waits: z.array(TaskWait).meta({ description: 'The newest 100, the latest first' }),
    children: z.object({
      total: z.int(),
      awaited: z.int().meta({ description: 'For which the task waits now' }),
      open: z.int().meta({ description: 'Of these, those that have not ended' }),
    }),
    signals: z
      .array(
        z.object({
          name: z.string(),
          key: z.string(),
          sent_by: z.string().meta({ description: 'Id of an API key, or subject of a token' }),
          received_at: z.iso.datetime(),
          taken_by: z.string().nullable().meta({ description: 'Key of the wait that got it; null: none did so far' }),
        }),
      )
      .meta({ description: 'The newest 100, the latest first' }),
  })
  .meta({ id: 'TaskWaits' });
export type TaskWaitsView = z.infer<typeof TaskWaitsView>;
