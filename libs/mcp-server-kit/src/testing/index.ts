// For specs: a client of a server in the same process, through the real protocol.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CallToolResultSchema,
  type CallToolResult,
  type Progress,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/rules';

import type { Hosting } from '../call-context.js';
import { callMetaKeys } from '../call-meta.js';
import type { JsonObject, McpServerDefinition } from '../definition.js';
import { connectInProcess } from '../in-process.js';
import { type ErrorDetails, errorIn } from '../tool-error.js';

export interface TestCall {
  /** Of the caller; undefined: the call brings none, and the server's environment counts. */
  readonly variables?: Readonly<Record<string, string>>;
  /** By default true: local servers of specs have private addresses. */
  readonly privateAddresses?: boolean;
  readonly tenant?: string;
  readonly idempotencyKey?: string;
  readonly host?: unknown;
  readonly signal?: AbortSignal;
  /** The call asks for progress, and gets it here. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What came of a call: a result, or an error as clients see it. */
export interface TestAnswer {
  readonly result?: JsonObject;
  readonly error?: ErrorDetails;
  /** The text for people. */
  readonly text: string;
}

export interface TestClient {
  readonly tools: readonly Tool[];
  call(tool: string, args?: JsonObject, call?: TestCall): Promise<TestAnswer>;
  close(): Promise<void>;
}

const metaOf = ({ variables, privateAddresses = true, tenant, idempotencyKey, host }: TestCall): JsonObject => ({
  ...(variables && {
    [callMetaKeys.variables]: variables,
    [callMetaKeys.privateAddresses]: privateAddresses,
  }),
  ...(tenant !== undefined && { [callMetaKeys.tenant]: tenant }),
  ...(idempotencyKey !== undefined && { [callMetaKeys.idempotencyKey]: idempotencyKey }),
  ...(host !== undefined && { [callMetaKeys.host]: host }),
});

const answerOf = (answer: CallToolResult): TestAnswer => {
  const [first] = answer.content;
  const text = first?.type === 'text' ? first.text : '';
  const error = errorIn(answer);
  if (error !== undefined) return { error, text };
  if (answer.isError === true) throw new Error(`an error without a code: ${text}`);
  return { result: answer.structuredContent ?? {}, text };
};

/** Of a process that waits 0.3 s for a backend. */
export const impatientRules = outgoingRulesOf(parseOutgoingEnv({ OUTGOING_TIMEOUT_S: '0.3' }));

/** What comes of every example of every tool when its caller has no variables. */
export const withoutVariables = async (
  definition: McpServerDefinition,
): Promise<readonly (TestAnswer & { readonly tool: string })[]> => {
  const client = await testClient(definition);
  const examples = definition.tools.flatMap((tool) =>
    tool.examples.map((example) => ({ tool: tool.name, ...example })),
  );
  const answers = await Promise.all(
    examples.map(async (example) => ({
      tool: example.tool,
      ...(await client.call(example.tool, example.arguments, { variables: {} })),
    })),
  );
  await client.close();
  return answers;
};

/** Connects, lists the tools, and checks every result against the schema that was listed. */
export const testClient = async (definition: McpServerDefinition, hosting?: Partial<Hosting>): Promise<TestClient> => {
  const client = new Client({ name: 'spec', version: '1.0.0' });
  await client.connect(await connectInProcess(definition, hosting));
  const { tools } = await client.listTools();
  return {
    tools,
    call: async (name, args = {}, call = {}) => {
      const options = {
        timeout: 120_000,
        ...(call.signal && { signal: call.signal }),
        ...(call.onProgress && { onprogress: call.onProgress }),
      };
      const params = { name, arguments: args, _meta: metaOf(call) };
      return answerOf(CallToolResultSchema.parse(await client.callTool(params, undefined, options)));
    },
    close: () => client.close(),
  };
};
