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

const release = operation({
  name: 'release',
  summary: 'Has two calls approved together, and makes them',
  input: z.strictObject({ operation: z.literal('release') }),
  example: { operation: 'release' },
  handle: async (_input, { tools }) => {
    const calls = [8, 9].map((number) => ({ tool: 'github__pr_merge', arguments: { number } }));
    const approval = await tools.approve('release', { title: 'Release both', calls, about: { why: 'it is Monday' } });
    for (const { tool, arguments: given } of calls) await tools.call(tool, given, { approval });
    return { approved: approval.approvalId };
  },
});

export const toolOperations = [read, merge, hang, release];
