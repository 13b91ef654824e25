import { z } from 'zod';

import { operation, skillErrors } from '../src/skills/skill.js';

const never = new Promise<never>(() => undefined);

const spinning = operation({
  name: 'spin',
  summary: 'Computes for ever',
  input: z.strictObject({ operation: z.literal('spin') }),
  example: { operation: 'spin' },
  handle: () => {
    for (;;);
  },
});

const exiting = operation({
  name: 'exit',
  summary: 'Ends the process, as it thinks',
  input: z.strictObject({ operation: z.literal('exit') }),
  example: { operation: 'exit' },
  handle: () => process.exit(7),
});

const crashing = operation({
  name: 'crash',
  summary: 'Throws where nobody catches',
  input: z.strictObject({ operation: z.literal('crash') }),
  example: { operation: 'crash' },
  handle: () => {
    setTimeout(() => {
      throw new Error('thrown by a timer');
    });
    return never;
  },
});

const hoarding = operation({
  name: 'hoard',
  summary: 'Takes all the memory there is',
  input: z.strictObject({ operation: z.literal('hoard') }),
  example: { operation: 'hoard' },
  handle: () => {
    // Small objects only: an array that doubles near the limit can make V8 end the whole process instead of the thread.
    let kept: object = {};
    for (;;) kept = { kept };
  },
});

const errors = skillErrors({ query_failed: { permanent: true } });

const failing = operation({
  name: 'fail',
  summary: 'Fails with everything that a failure can say',
  input: z.strictObject({ operation: z.literal('fail') }),
  example: { operation: 'fail' },
  handle: () =>
    Promise.reject(
      errors.error('query_failed', 'no such table', {
        permanent: false,
        details: { line: 3 },
        retryAfterMs: 3_600_000,
      }),
    ),
});

const writing = operation({
  name: 'write',
  summary: 'Writes to its standard output and error, and says what it sees of the environment',
  input: z.strictObject({ operation: z.literal('write') }),
  example: { operation: 'write' },
  handle: () => {
    process.stdout.write('written to output\n');
    process.stderr.write('written to error\n');
    return Promise.resolve(Object.keys(process.env));
  },
});

const unsendable = operation({
  name: 'unsendable',
  summary: 'Answers with something that is not JSON',
  input: z.strictObject({ operation: z.literal('unsendable') }),
  example: { operation: 'unsendable' },
  handle: () => Promise.resolve({ n: 1n }),
});

type Tree = Record<string, Record<string, unknown>>;

const counting = operation({
  name: 'count-pairs',
  summary: 'Keeps texts as keys of plain objects, as many libraries do, and lists what plain objects have by nature',
  input: z.strictObject({ operation: z.literal('count-pairs'), pairs: z.array(z.tuple([z.string(), z.string()])) }),
  example: { operation: 'count-pairs', pairs: [['a', 'b']] },
  handle: ({ pairs }) => {
    const members = [Object.prototype.toString.call({})];
    for (const key in {}) members.push(key);
    const counts: Tree = {};
    for (const [one, other] of pairs) {
      const below = (counts[one] ??= {});
      try {
        below[other] = 1;
      } catch {
        // A frozen object.
      }
    }
    return Promise.resolve(members);
  },
});

/** Operations that a worker survives only when they have a thread of their own, and what only a thread can show. */
export const ruinousOperations = [spinning, exiting, crashing, hoarding, failing, writing, unsendable, counting];
