import { z } from 'zod';

import { operation } from '../src/skills/skill.js';

const noted = operation({
  name: 'note',
  summary: 'Remembers texts, and says under which ids',
  input: z.strictObject({
    operation: z.literal('note'),
    texts: z.array(z.string()),
    shared: z.boolean().default(false),
    subject: z.string().optional(),
  }),
  example: { operation: 'note', texts: ['The sky is blue'] },
  handle: async ({ texts, shared, subject }, { remember }) => ({
    ids: await remember(
      texts.map((content) => ({ type: 'fact', content, shared, ...(subject !== undefined && { subject }) })),
    ),
  }),
});

const recalled = operation({
  name: 'recall',
  summary: 'Says what it finds for a text',
  input: z.strictObject({ operation: z.literal('recall'), text: z.string(), limit: z.int().default(10) }),
  example: { operation: 'recall', text: 'sky' },
  handle: async ({ text, limit }, { searchMemory }) => ({ hits: await searchMemory({ text, limit }) }),
});

const unlearned = operation({
  name: 'unlearn',
  summary: 'Forgets what it has noted about a subject',
  input: z.strictObject({ operation: z.literal('unlearn'), subject: z.string().optional() }),
  example: { operation: 'unlearn' },
  handle: async ({ subject }, { forgetMemory }) => ({
    forgotten: await forgetMemory(subject === undefined ? {} : { subject }),
  }),
});

const compared = operation({
  name: 'compare',
  summary: 'How near two texts are',
  input: z.strictObject({ operation: z.literal('compare'), texts: z.tuple([z.string(), z.string()]) }),
  example: { operation: 'compare', texts: ['a cat', 'a dog'] },
  handle: async ({ texts }, { embed }) => {
    const [one = [], other = []] = await embed(texts);
    return { dimensions: one.length, near: one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0) };
  },
});

/** Operations that ask for memories and vectors. */
export const memoryOperations = [noted, recalled, unlearned, compared];
