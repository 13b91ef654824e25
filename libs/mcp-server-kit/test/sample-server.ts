// A server whose tools show what the kit does around them.
import {
  defineTool,
  type JsonObject,
  type McpServerDefinition,
  type ToolCallContext,
  ToolError,
} from '../src/index.js';
import { z } from 'zod';

export interface Sample {
  readonly definition: McpServerDefinition;
  /** Arguments with which `order` ran. */
  readonly ran: JsonObject[];
}

const nothing = z.object({});

const order = (ran: JsonObject[]) =>
  defineTool({
    name: 'order',
    title: 'Order',
    description: 'Takes an order.',
    flag: 'write',
    input: z.object({
      article: z.string().min(1).max(20),
      count: z.number().int().min(0).max(10).optional(),
      kind: z.enum(['new', 'used']),
      tags: z.array(z.string().max(5)).max(3).optional(),
      buyer: z.strictObject({ age: z.number() }).nullable().optional(),
    }),
    output: z.object({ number: z.number().int() }),
    examples: [{ arguments: { article: 'chair', kind: 'new' } }],
    run: (args) => Promise.resolve({ number: ran.push(args) }),
  });

/** A tool without arguments, of which only the answer matters. */
const answers = (name: string, run: (call: ToolCallContext) => Promise<JsonObject>, timeLimitMs = 60_000) =>
  defineTool({
    name,
    title: name,
    description: `Shows ${name}.`,
    flag: 'read',
    timeLimitMs,
    input: nothing,
    output: z.looseObject({ truncated: z.boolean().default(false) }),
    examples: [{ arguments: {} }],
    run: (_, call) => run(call),
  });

const forever = (): Promise<never> => new Promise(() => undefined);

export const sampleServer = (tools: readonly ReturnType<typeof answers>[] = []): Sample => {
  const ran: JsonObject[] = [];
  const definition: McpServerDefinition = {
    name: 'sample',
    title: 'Sample',
    version: '1.0.0',
    variables: [
      { name: 'SAMPLE_URL', description: 'Address of the sample', secret: false },
      { name: 'SAMPLE_TOKEN', description: 'A token of the sample', secret: true },
    ],
    tools: [
      order(ran),
      answers('token', (call) => Promise.resolve({ token: call.required('SAMPLE_TOKEN') })),
      answers('greeting', (call) => {
        const url = call.required('SAMPLE_URL');
        return call.fetch(url).then(async (response) => ({ text: await response.text() }));
      }),
      answers('tenant', ({ tenant, idempotencyKey, host }) =>
        Promise.resolve({ tenant: tenant ?? null, key: idempotencyKey ?? null, host: host ?? null }),
      ),
      answers('undeclared', (call) => Promise.resolve({ value: call.required('HOME') })),
      answers('deaf', forever, 50),
      answers('long_list', () =>
        Promise.resolve({ items: Array.from({ length: 60_000 }, (_, id) => ({ id, name: 'x'.repeat(20) })) }),
      ),
      answers('long_text', () => Promise.resolve({ log: `${'"quoted"\n'.repeat(200_000)}the end` })),
      answers('leak', (call) => Promise.reject(new Error(`401 for ${call.required('SAMPLE_TOKEN')}`))),
      answers('busy', () => Promise.reject(new ToolError('rate_limited', 'too many', { retryAfterS: 7 }))),
      defineTool({
        name: 'wrong_shape',
        title: 'Wrong shape',
        description: 'Answers with another shape than it says.',
        flag: 'destructive',
        needsHost: true,
        openWorld: false,
        input: nothing,
        output: z.object({ number: z.number() }),
        examples: [{ arguments: {} }],
        run: () => Promise.resolve({ number: 'one' } as unknown as { number: number }),
      }),
      defineTool({
        name: 'picture',
        title: 'Picture',
        description: 'Answers with more than fits, which cannot be cut.',
        flag: 'read',
        input: nothing,
        output: z.object({ base64: z.string() }),
        examples: [{ arguments: {} }],
        run: () => Promise.resolve({ base64: 'A'.repeat(2_000_000) }),
      }),
      ...tools,
    ],
  };
  return { definition, ran };
};
