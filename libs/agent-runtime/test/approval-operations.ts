import { appendFile } from 'node:fs/promises';

import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

/** The handler notes in a file what it does: then it is counted, whatever becomes of its attempt. */
const wipe = operation({
  name: 'wipe',
  summary: 'Deletes a table for good',
  input: z.strictObject({
    operation: z.literal('wipe'),
    table: z.string(),
    file: z.string(),
    dry: z.boolean().default(false),
  }),
  example: { operation: 'wipe', table: 'sales', file: '/tmp/wiped' },
  approval: { title: ({ table }) => `Wipe ${table}`, when: ({ dry }) => !dry, expiresInS: 3_600 },
  handle: async ({ table, file }) => {
    await appendFile(file, `${table}\n`);
    return { wiped: table };
  },
});

const fickle = operation({
  name: 'fickle',
  summary: 'Asks for something else in each run, and does not what was not approved',
  input: z.strictObject({ operation: z.literal('fickle'), file: z.string() }),
  example: { operation: 'fickle', file: '/tmp/fickle' },
  handle: async ({ file }, { waitFor }) => {
    await appendFile(file, 'run\n');
    const { approval } = await waitFor('go', { approval: { title: 'Draw', arguments: { drawn: Math.random() } } });
    return { approved: approval.approved };
  },
});

const twice = operation({
  name: 'twice',
  summary: 'Asks for two things in a row, and goes on after a denial',
  input: z.strictObject({ operation: z.literal('twice'), expires_s: z.number() }),
  example: { operation: 'twice', expires_s: 60 },
  handle: async ({ expires_s }, { waitFor }) => {
    const ask = (iteration: number) => ({ title: 'Go', arguments: { same: true }, iteration, expiresInS: expires_s });
    const first = await waitFor('first', { approval: ask(0) });
    const second = await waitFor('second', { approval: ask(1) });
    return [first, second].map(({ approval }) => approval.status);
  },
});

export const approvalOperations = [wipe, fickle, twice];
