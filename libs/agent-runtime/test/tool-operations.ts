import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const read = operation({
  name: 'read',
  summary: 'Calls a tool that only reads',
  input: z.strictObject({ operation: z.literal('read') }),
  example: { operation: 'read' },
  handle: async (_input, { tools }) => (await tools.call('github__repo_get', { repo: 'a' })).structured,
});

const merge = operation({
  name: 'merge',
  summary: 'Calls a tool that persons have to approve',
  input: z.strictObject({ operation: z.literal('merge') }),
  example: { operation: 'merge' },
  handle: async (_input, { tools }) => (await tools.call('github__pr_merge', { number: 7 }, { key: 'm' })).structured,
});

const hang = operation({
  name: 'hang',
  summary: 'Calls a tool that does not answer',
  input: z.strictObject({ operation: z.literal('hang') }),
  example: { operation: 'hang' },
  handle: async (_input, { tools }) => (await tools.call('github__repo_get', { repo: 'slow' })).structured,
});

export const toolOperations = [read, merge, hang];
