import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const charging = operation({
  name: 'charge',
  summary: 'Does something outside once: writes a line to a file, which holds the idempotency key',
  input: z.strictObject({
    operation: z.literal('charge'),
    file: z.string(),
    /** Where the first attempt fails. */
    fails: z.enum(['never', 'during', 'after']).default('never'),
    /** The first attempt's effect does not end before this file exists. */
    gate: z.string().optional(),
  }),
  example: { operation: 'charge', file: '/tmp/charged' },
  handle: async ({ file, fails, gate }, context) => {
    const { attempt } = context;
    const first = attempt === 1;
    const charge = () =>
      context.once('charge', async ({ idempotencyKey }) => {
        await appendFile(file, `${idempotencyKey}\n`);
        while (first && gate !== undefined && !existsSync(gate)) await delay(10);
        if (first && fails === 'during') throw new Error('failed while charging');
        return { attempt };
      });
    const [charged, same] = await Promise.all([charge(), charge()]);
    if (first && fails === 'after') throw new Error('failed after charging');
    return { charged, same };
  },
});

const recording = operation({
  name: 'record',
  summary: 'Has an effect of this key that answers with so many characters',
  input: z.strictObject({
    operation: z.literal('record'),
    key: z.string().default('record'),
    bytes: z.int().default(1),
  }),
  example: { operation: 'record' },
  handle: ({ key, bytes }, context) => context.once(key, () => Promise.resolve('x'.repeat(bytes))),
});

/** Operations with an effect outside. */
export const outsideOperations = [charging, recording];
