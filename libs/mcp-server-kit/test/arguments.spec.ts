import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';

import { testClient } from '../src/testing/index.js';

import { sampleServer } from './sample-server.js';

const cases = Number(process.env['MCP_FUZZ_CALLS'] ?? 1_500);

// Near the schema, so that a good part is valid and most others are wrong in one place only.
const nearlyValid = fc.record(
  {
    article: fc.oneof({ weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 20 }) }, fc.jsonValue()),
    kind: fc.oneof({ weight: 6, arbitrary: fc.constantFrom('new', 'used') }, fc.jsonValue()),
    count: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -1, max: 11 }) }, fc.double(), fc.jsonValue()),
    tags: fc.oneof({ weight: 6, arbitrary: fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }) }, fc.jsonValue()),
    buyer: fc.oneof({ weight: 6, arbitrary: fc.record({ age: fc.integer() }) }, fc.constant(null), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const anything = fc.dictionary(fc.string(), fc.jsonValue());
const withExtra = fc.tuple(nearlyValid, fc.string()).map(([args, name]) => ({ ...args, [name]: 1 }));
const args = fc.oneof({ weight: 5, arbitrary: nearlyValid }, anything, withExtra);

describe('arguments', () => {
  it(`reach a tool when they fit the schema that is listed, and never otherwise (${cases} calls)`, async () => {
    const { definition, ran } = sampleServer();
    const client = await testClient(definition);
    const fits = new Ajv2020({ strict: false }).compile(client.tools[0]?.inputSchema ?? {});
    const seen = { valid: 0, invalid: 0, reached: 0 };
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        // As they arrive: JSON knows no undefined and no -0.
        const sent = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
        const before = ran.length;
        const { error } = await client.call('order', sent);
        const valid = fits(sent);
        seen[valid ? 'valid' : 'invalid'] += 1;
        seen.reached += ran.length - before;
        expect({ sent, reached: ran.length - before, code: error?.code }).toEqual({
          sent,
          reached: valid ? 1 : 0,
          code: valid ? undefined : 'invalid_args',
        });
      }),
      { numRuns: cases, seed: 17 },
    );
    expect(seen.reached).toBe(seen.valid);
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(cases / 20);
    process.stdout.write(`${seen.invalid} invalid and ${seen.valid} valid calls: ${seen.reached} reached the tool\n`);
    await client.close();
  });
});
