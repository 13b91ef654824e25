import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { McpServerDefinition } from '@pulser/mcp-server-kit';
import { testClient } from '@pulser/mcp-server-kit/testing';
import { agents, mcpCatalogue, mcpServerNames, sees } from '@pulser/roster';

const folders = readdirSync(fileURLToPath(new URL('../../mcp', import.meta.url)), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const isDefinition = (value: unknown): value is McpServerDefinition =>
  typeof value === 'object' && value !== null && 'tools' in value && 'variables' in value;

/** The definition that the package of a server exports. */
const definitionOf = async (server: string): Promise<McpServerDefinition> => {
  const exported = (await import(`@pulser/mcp-${server}`)) as Record<string, unknown>;
  const [definition] = Object.values(exported).filter(isDefinition);
  if (definition === undefined) throw new Error(`@pulser/mcp-${server} exports no definition`);
  return definition;
};

const countBy = <Key extends string>(keys: readonly Key[]): Record<string, number> =>
  Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((other) => other === key).length]));

const viewOf = (agent: string) => mcpCatalogue.filter((row) => sees(agent, row));

describe('the catalogue of tools', () => {
  it('has 98 tools over seven servers: 52 read, 27 write, 19 destructive', () => {
    expect(countBy(mcpCatalogue.map(({ server }) => server))).toEqual({
      'pulser-hub': 12,
      digitalocean: 14,
      kubernetes: 18,
      docker: 14,
      github: 18,
      superset: 10,
      supabase: 12,
    });
    expect(countBy(mcpCatalogue.map(({ flag }) => flag))).toEqual({ read: 52, write: 27, destructive: 19 });
  });

  it('names every tool once, in names that every client takes', () => {
    expect(new Set(mcpCatalogue.map(({ tool }) => tool)).size).toBe(98);
    expect(new Set(mcpCatalogue.map(({ exposedName }) => exposedName)).size).toBe(98);
    for (const { server, tool, exposedName } of mcpCatalogue) {
      expect(exposedName).toBe(`${server}__${tool}`);
      expect(exposedName).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    }
  });

  it('shows each agent its part, and destructive tools to those that are listed only', () => {
    const views = agents.map(({ name }) => [name, viewOf(name).length]);
    expect(Object.fromEntries(views)).toEqual({
      dash: 35,
      maya: 26,
      echo: 41,
      data_fabcon: 40,
      arkie: 66,
      learnbot: 25,
      pulser: 98,
    });
    const destructive = agents.map(({ name }) => [
      name,
      viewOf(name).filter(({ flag }) => flag === 'destructive').length,
    ]);
    expect(Object.fromEntries(destructive)).toEqual({
      dash: 0,
      maya: 0,
      echo: 2,
      data_fabcon: 6,
      arkie: 12,
      learnbot: 0,
      pulser: 19,
    });
    expect(viewOf('some-agent-from-outside')).toEqual([]);
  });

  it('wants an approval for what is destructive, costs money or runs code', () => {
    const writes = mcpCatalogue.filter(({ flag, approval }) => flag === 'write' && approval).map(({ tool }) => tool);
    expect(writes.toSorted()).toEqual([
      'container_run',
      'do_app_create',
      'do_app_deployment_create',
      'do_database_create',
      'do_droplet_create',
      'do_kubernetes_create',
      'image_build',
      'k8s_deployment_create',
      'workflow_dispatch',
    ]);
    for (const { flag, approval, tool } of mcpCatalogue)
      if (flag !== 'write') expect({ tool, approval }).toEqual({ tool, approval: flag === 'destructive' });
  });

  it('has a server for each of its seven names', () => {
    expect(folders.toSorted()).toEqual(mcpServerNames.toSorted());
  });
});

describe.each(folders)('the server %s', (server) => {
  const rows = mcpCatalogue.filter((row) => row.server === server);

  it('offers the tools of the catalogue with its flags, and lists them without a variable', async () => {
    const definition = await definitionOf(server);
    expect(definition.name).toBe(server);
    const client = await testClient(definition);
    const listed = client.tools.map(({ name, annotations }) => ({
      tool: name,
      readOnly: annotations?.readOnlyHint,
      destructive: annotations?.destructiveHint,
    }));
    const wanted = rows.map(({ tool, flag }) => ({
      tool,
      readOnly: flag === 'read',
      destructive: flag === 'destructive',
    }));
    const byName = (one: { tool: string }, other: { tool: string }): number => one.tool.localeCompare(other.tool);
    expect(listed.toSorted(byName)).toEqual(wanted.toSorted(byName));
    await client.close();
  });

  it('describes every tool: title, both schemas, hints, an example', async () => {
    const definition = await definitionOf(server);
    for (const tool of definition.tools) {
      expect(tool.title.length).toBeGreaterThan(3);
      expect(tool.description.length).toBeGreaterThan(20);
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: 'object' });
      expect(tool.examples.length).toBeGreaterThan(0);
      expect([typeof tool.idempotent, typeof tool.openWorld]).toEqual(['boolean', 'boolean']);
    }
  });
});
