import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const deaf = operation({
  name: 'deaf',
  summary: 'Waits so many milliseconds, whatever it is told',
  input: z.strictObject({ operation: z.literal('deaf'), ms: z.int() }),
  example: { operation: 'deaf', ms: 1 },
  handle: ({ ms }) => delay(ms),
});

const listening = operation({
  name: 'listen',
  summary: 'Says that it waits until it is told to stop, and then what it was told',
  input: z.strictObject({ operation: z.literal('listen'), file: z.string() }),
  example: { operation: 'listen', file: '/tmp/heard' },
  handle: async ({ file }, { signal }) => {
    await writeFile(file, 'listening');
    await delay(3_600_000, undefined, { signal }).catch(() => undefined);
    const { name, message } = signal.reason as Error;
    await writeFile(file, `${name}: ${message}`);
  },
});

/** Operations that do not end with their signal. */
export const deafOperations = [deaf, listening];
