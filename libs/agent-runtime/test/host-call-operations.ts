import { z } from 'zod';

import { operation, type TaskContext } from '../src/skills/skill.js';

/** What TaskContext will have one day: only the worker of the spec offers it. */
interface Extended extends TaskContext {
  readonly weigh: (name: string, content: Uint8Array) => Promise<{ readonly name: string; readonly bytes: number }>;
}

const asking = operation({
  name: 'weigh',
  summary: 'Calls a function that the context has because the worker offers it, and says what it got',
  input: z.strictObject({ operation: z.literal('weigh') }),
  example: { operation: 'weigh' },
  handle: async (_input, context) => {
    const { weigh } = context as Extended;
    const content = new Uint8Array([1, 2, 3]);
    const [first, second] = await Promise.all([weigh('first', content), weigh('second', content.subarray(1))]);
    const refused = await weigh('', content).catch((error: unknown) => error);
    return { first, second, kept: content.byteLength, refused: (refused as Error).message };
  },
});

/** Operations that call what no context has yet. */
export const hostCallOperations = [asking];
