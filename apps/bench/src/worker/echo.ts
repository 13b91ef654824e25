import { defineAgent, operation, skill } from '@pulser/agent-runtime';
import { z } from 'zod';

/** A handler that does nothing: what is measured is all the rest. */
const noop = operation({
  name: 'noop',
  summary: 'Does nothing',
  input: z.strictObject({ operation: z.literal('noop'), text: z.string() }),
  example: { operation: 'noop', text: '' },
  inline: true,
  handle: () => Promise.resolve({}),
});

/** The agent of the benchmark. */
export const echo = defineAgent({
  name: 'echo',
  skills: [skill('testing', import.meta.url, [noop])],
  defaultPort: 8012,
});
