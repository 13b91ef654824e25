// Requests of a client of MCP over HTTP, by hand: that costs less CPU time than a client of the SDK, which would distort what is
// measured.
import { z } from 'zod';

import { ask } from '../load/blast.js';

export interface McpTarget {
  readonly url: string;
  readonly key: string;
}

const Tool = z.object({
  name: z.string(),
  annotations: z.object({ readOnlyHint: z.boolean() }).optional(),
  inputSchema: z.object({ examples: z.array(z.record(z.string(), z.unknown())).default([]) }),
});

const Answer = z.object({ result: z.object({ tools: z.array(Tool).default([]) }) });
type Tool = z.infer<typeof Tool>;

/** An answer comes as JSON, or as the one event of a stream. */
const toolsIn = (body: string): readonly Tool[] => {
  const line = body.startsWith('{')
    ? body
    : body
        .split('\n')
        .find((text) => text.startsWith('data: '))
        ?.slice(6);
  return Answer.parse(JSON.parse(line ?? '')).result.tools;
};

let lastId = 0;

/** @returns the text of the answer @throws when it is not 200 */
const post = async ({ url, key }: McpTarget, method: string, params: object): Promise<string> => {
  const { status, body } = await ask({
    url,
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: (lastId += 1), method, params }),
  });
  if (status !== 200) throw new Error(`${method}: ${status} ${body.slice(0, 300)}`);
  return body;
};

/** Pulser's own are not counted. */
const isOfServer = (name: string): boolean => name.includes('__') && !name.startsWith('pulser__');

/** Names of the tools of servers. */
export const toolNames = async (target: McpTarget): Promise<readonly string[]> => {
  const tools = toolsIn(await toolsText(target));
  return tools.map(({ name }) => name).filter(isOfServer);
};

export interface ReadTool {
  readonly name: string;
  /** Arguments that it gives as an example. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** The coordinator answers this one from what it knows, without a server. */
const asksNobody = 'pulser-hub__get_mcp_ecosystem_status';

/** Tools that only read and ask a vendor, by their server. */
export const readTools = async (target: McpTarget): Promise<ReadonlyMap<string, readonly ReadTool[]>> => {
  const tools = toolsIn(await toolsText(target))
    .filter(({ name, annotations }) => isOfServer(name) && name !== asksNobody && annotations?.readOnlyHint === true)
    .map(({ name, inputSchema }) => ({ name, example: inputSchema.examples[0] ?? {} }));
  return Map.groupBy(tools, ({ name }) => name.slice(0, name.indexOf('__')));
};

/** The text of the list alone, without reading it. */
export const toolsText = (target: McpTarget): Promise<string> => post(target, 'tools/list', {});

/** Calls a tool. @returns the text of the answer @throws when it is not 200 */
export const callTool = (target: McpTarget, name: string, args: object): Promise<string> =>
  post(target, 'tools/call', { name, arguments: args });

/** @throws when the tool did not answer just that */
export const callEcho = async (target: McpTarget, server: string, text: string): Promise<void> => {
  const body = await callTool(target, `${server}__echo`, { text });
  if (!body.includes(`"structuredContent":{"text":"${text}"}`) || body.includes('"isError":true'))
    throw new Error(`a wrong answer: ${body.slice(0, 300)}`);
};

/** Milliseconds of each call, one after the other. */
export const oneAfterAnother = async (times: number, work: (n: number) => Promise<unknown>): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    await work(n);
    found.push(performance.now() - began);
  }
  return found;
};

/** Does the work that often, by so many workers at the same time. */
export const parallel = async (times: number, workers: number, work: (n: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
};
