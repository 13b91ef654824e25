// Every tool of every server that is installed, called for a tenant that has stored no credential: nothing leaves with that of
// another tenant.
import { systemActor } from '@pulser/context-bus';
import type { McpServerDefinition } from '@pulser/mcp-server-kit';
import { exposedToolName, mcpServerNames } from '@pulser/roster';

import { CallsUnderTest, tokens } from './calls-under-test.js';

const isDefinition = (value: unknown): value is McpServerDefinition =>
  typeof value === 'object' && value !== null && 'tools' in value && 'variables' in value;

const definitionOf = async (server: string): Promise<McpServerDefinition | undefined> => {
  const name = `@pulser/mcp-${server}`;
  const exported = await import(name).then(
    (module: Record<string, unknown>) => module,
    () => ({}),
  );
  return Object.values(exported).find(isDefinition);
};

describe('the tools of all servers', () => {
  let world: CallsUnderTest;
  let definitions: McpServerDefinition[];

  beforeAll(async () => {
    const found = await Promise.all(mcpServerNames.map(definitionOf));
    definitions = found.filter((one) => one !== undefined);
    world = await CallsUnderTest.start({ definitions, operator: true });
    for (const tenantId of [world.first, world.second]) {
      const value = [{ tool: '*', ask: false }];
      await world.settings.put(tenantId, systemActor('test'), { name: 'tool-approvals', value, expected: 'whatever' });
    }
  });

  afterAll(() => world.close());

  const callAll = async (tenantId: string): Promise<void> => {
    world.sent.length = 0;
    const task = await world.task('pulser', tenantId);
    for (const { name, tools } of definitions)
      for (const tool of tools) {
        const [example] = tool.examples;
        await world.call(task, exposedToolName(name, tool.name), example?.arguments ?? {});
      }
  };

  it('go with the credentials of the first tenant for the first, and never for the second', async () => {
    expect(definitions.length).toBeGreaterThan(0);
    const tools = definitions.flatMap((definition) => definition.tools);
    await callAll(world.first);
    const withVariables = definitions.filter(({ variables }) => variables.length > 0).flatMap((one) => one.tools);
    expect(world.sent.filter(({ meta }) => JSON.stringify(meta).includes(tokens.first))).toHaveLength(
      withVariables.length,
    );
    expect(world.sent).toHaveLength(tools.length);

    await callAll(world.second);
    expect(world.sent.filter(({ meta }) => JSON.stringify(meta).includes(tokens.first))).toEqual([]);
    const withOperators = world.sent.filter(({ meta }) => JSON.stringify(meta).includes(tokens.operator));
    const reads = tools.filter(({ flag }) => flag === 'read').map(({ name }) => name);
    expect(withOperators.filter(({ tool }) => !reads.includes(tool))).toEqual([]);
    expect(withOperators.length).toBeGreaterThan(0);
  });
});
