import { ProcessEmbedder, type Urgency } from '@pulser/embedding';
import { mcpServerNames } from '@pulser/roster';
import { Env } from '@pulser/service-kit';
import { embeddingEnv } from '@pulser/embedding';

import { openOwnServer, ownServers } from '../src/configuration/own-servers.js';
import { FindTool, maxFoundTokens } from '../src/door/find-tool.js';
import { ToolSearch } from '../src/find/tool-search.js';
import { tokensOf } from '../src/find/tool-budget.policy.js';
import { UpstreamConnection } from '../src/protocol/upstream-connection.js';
import { digestOf, offered, type RegisteredTool } from '../src/registry/definition.policy.js';
import { requests } from './requests.js';

class Embedding extends Env(embeddingEnv) {}

/** All tools of the catalogue, as their servers list them. */
const allTools = async (): Promise<RegisteredTool[]> => {
  const servers = ownServers('in-process', {});
  expect(servers.map(({ name }) => name)).toEqual([...mcpServerNames]);
  const signal = AbortSignal.timeout(60_000);
  const nothing = (): void => undefined;
  const lists = servers.map(async (settings) => {
    const connection = await UpstreamConnection.open({
      ...{ server: settings.name, transport: await openOwnServer(settings.name), era: 'legacy' as const, signal },
      ...{ onToolsChanged: nothing, onClosed: nothing, onOddity: nothing },
    });
    const { tools } = await connection.listTools(signal);
    await connection.close();
    return tools.flatMap((definition) => {
      const tool = offered(settings, definition, []);
      return tool === undefined ? [] : [{ ...tool, pin: digestOf(definition), isQuarantined: false, warnings: [] }];
    });
  });
  return (await Promise.all(lists)).flat();
};

describe('find_tool', () => {
  const embedder = new ProcessEmbedder(Embedding.read({}));
  const find = new FindTool(new ToolSearch(embedder));
  let tools: RegisteredTool[];

  beforeAll(async () => {
    tools = await allTools();
  });

  afterAll(async () => {
    await embedder.close();
  });

  it('knows all 98 tools', () => {
    expect(tools).toHaveLength(98);
  });

  it('waits for no definition that was prepared', async () => {
    const asked: number[] = [];
    const counting = {
      embed: (texts: readonly string[], urgency?: Urgency) => {
        asked.push(texts.length);
        return embedder.embed(texts, urgency);
      },
      release: () => embedder.release(),
    };
    const search = new ToolSearch(counting);
    await search.prepare(tools);
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(98);
    asked.length = 0;
    await search.prepare(tools);
    await search.search('Which pods keep crashing?', tools);
    expect(asked).toEqual([1]);
  });

  it('has the right tool among the first five for 85 % of 60 requests', async () => {
    const missed: string[] = [];
    let first = 0;
    for (const [query, wanted] of requests) {
      const found = (await find.find(query, 5, tools)).map(({ name }) => name);
      if (found[0] === wanted) first += 1;
      if (!found.includes(wanted)) missed.push(`${query} -> ${wanted}, found ${found.join(', ')}`);
    }
    if (process.env['FIND_TOOL_FIGURES'] !== undefined)
      process.stdout.write(`${first} of 60 first, ${60 - missed.length} of 60 among five\n${missed.join('\n')}\n`);
    expect(requests).toHaveLength(60);
    expect(missed.length).toBeLessThanOrEqual(9);
  });

  it(`gives at most ${maxFoundTokens} tokens of definitions`, async () => {
    for (const [query] of requests.slice(0, 10)) {
      const found = await find.find(query, 20, tools);
      expect(found.length).toBeGreaterThan(1);
      expect(found.reduce((sum, one) => sum + tokensOf(one), 0)).toBeLessThanOrEqual(maxFoundTokens);
    }
  });

  it('finds nothing that the caller may not call', async () => {
    const visible = tools.filter(({ server }) => server === 'github');
    const found = await find.find('Which pods keep crashing?', 5, visible);
    expect(found.every(({ name }) => name.startsWith('github__'))).toBe(true);
  });
});
