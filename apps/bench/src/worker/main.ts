// The worker of the benchmark: an agent whose operations do nothing, or wait for another that does.
import { defineAgent, operation, skill } from '@pulser/agent-runtime';
import { runService } from '@pulser/service-kit';
import { z } from 'zod';

/** Does nothing: the measurements are of everything around the handler. */
const noop = operation({
  name: 'noop',
  summary: 'Does nothing',
  input: z.strictObject({ operation: z.literal('noop'), text: z.string() }),
  example: { operation: 'noop', text: '' },
  inline: true,
  handle: () => Promise.resolve({}),
});

/** The same, without a claim. */
const repeatableNoop = operation({
  name: 'repeatable_noop',
  summary: 'Does nothing, as often as you like',
  input: z.strictObject({ operation: z.literal('repeatable_noop'), text: z.string() }),
  example: { operation: 'repeatable_noop', text: '' },
  inline: true,
  repeatable: true,
  handle: () => Promise.resolve({}),
});

/** Waits for a child that does nothing. */
const parent = operation({
  name: 'parent',
  summary: 'Waits for a child that does nothing',
  input: z.strictObject({ operation: z.literal('parent') }),
  example: { operation: 'parent' },
  inline: true,
  handle: async (_input, { child, waitFor }) => {
    const payload = { operation: 'noop', text: '' };
    await waitFor('child', { child: await child('child', { task_type: 'testing', payload }) });
    return {};
  },
});

const echo = defineAgent({
  name: 'echo',
  skills: [skill('testing', import.meta.url, [noop, repeatableNoop, parent])],
  defaultPort: 8012,
});

await runService(echo);
