// Pulser's own tools at /mcp: with them a client drives all of Pulser, under the role of its key. They are no part of the
// catalogue, whose tools belong to servers.
import { Injectable } from '@nestjs/common';
import { Priority, SearchMemories, TaskType } from '@pulser/contracts';
import { errorKey } from '@pulser/mcp-server-kit';
import { type AgentRow, agents } from '@pulser/roster';
import { z } from 'zod';

import type { JsonSchema } from '../registry/definition.policy.js';
import type { ToolAnswer } from '../upstreams/tool-answer.js';
import { type ApiAnswer, type ApiRequest, PulserApi } from './pulser-api.js';

interface OwnTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly isReadOnly: boolean;
  readonly input: z.ZodObject;
  readonly run: (args: never, ask: Ask) => Promise<ApiAnswer>;
}

type Ask = (request: ApiRequest) => Promise<ApiAnswer>;

const own = <I extends z.ZodObject>(
  tool: Omit<OwnTool, 'input' | 'run'> & { input: I; run: (args: z.output<I>, ask: Ask) => Promise<ApiAnswer> },
): OwnTool => tool;

/** Seconds that a call waits for a task at most; a client that wants longer waits again. */
const WaitS = z.int().min(0).max(50).default(20).meta({ description: 'Seconds to wait for the end of the task' });
const TaskId = z.uuid().meta({ description: 'Id of a task' });

const key = (value: string | undefined): Pick<ApiRequest, 'headers'> =>
  value === undefined ? {} : { headers: { 'idempotency-key': value } };

const waited = (taskId: string, seconds: number, ask: Ask): Promise<ApiAnswer> =>
  ask({ method: 'GET', path: `tasks/${taskId}${seconds > 0 ? `?wait=${seconds}s` : ''}` });

const Accepted = z.object({ task_id: z.uuid() });

const typeOf = new Map<string, string>(
  agents.flatMap(({ name, taskTypes }: AgentRow) => taskTypes.slice(0, 1).map((type) => [name, type.name] as const)),
);

const tools: readonly OwnTool[] = [
  own({
    name: 'pulser__submit_task',
    title: 'Submit a task',
    description:
      'Submits a task to the agent that serves its type, and returns its id. The same idempotency key submits it once.',
    isReadOnly: false,
    input: z.object({
      task_type: TaskType,
      payload: z.record(z.string(), z.unknown()).meta({ description: 'An `operation` of the agent and its arguments' }),
      priority: Priority.default('medium'),
      idempotency_key: z.string().min(1).max(200).optional(),
    }),
    run: ({ idempotency_key: once, ...body }, ask) => ask({ method: 'POST', path: 'tasks', body, ...key(once) }),
  }),
  own({
    name: 'pulser__wait_for_task',
    title: 'Wait for a task',
    description: 'Waits for the end of a task and returns it with its result, or as it is when the time is up.',
    isReadOnly: true,
    input: z.object({ task_id: TaskId, wait_s: WaitS }),
    run: ({ task_id: taskId, wait_s: waitS }, ask) => waited(taskId, waitS, ask),
  }),
  own({
    name: 'pulser__explain_task',
    title: 'Explain a task',
    description: 'Says why a task is in its state: what it waits for, which agent has it, what failed.',
    isReadOnly: true,
    input: z.object({ task_id: TaskId }),
    run: ({ task_id: taskId }, ask) => ask({ method: 'GET', path: `tasks/${taskId}/explain` }),
  }),
  own({
    name: 'pulser__search_memory',
    title: 'Search memories',
    description: 'Finds by meaning what agents and people of the tenant have noted. The best hits come first.',
    isReadOnly: true,
    input: SearchMemories.pick({ text: true, type: true, subject: true, agent: true, limit: true }),
    run: (body, ask) => ask({ method: 'POST', path: 'memories/search', body }),
  }),
  own({
    name: 'pulser__list_datasets',
    title: 'List datasets',
    description: 'Lists the datasets of the tenant with their latest versions, columns and sizes.',
    isReadOnly: true,
    input: z.object({
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(200).optional().meta({ description: '`next_cursor` of the page before' }),
    }),
    run: ({ limit, cursor }, ask) => {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
      return ask({ method: 'GET', path: `datasets?${query.toString()}` });
    },
  }),
  own({
    name: 'pulser__ask_agent',
    title: 'Ask an agent',
    description:
      'Asks an agent a question, which it answers by a language model that may use its tools. Returns the answer, or the ' +
      'task to wait for when the time is up.',
    isReadOnly: false,
    input: z.object({
      agent: z.enum([...typeOf.keys()] as [string, ...string[]]).meta({ description: 'Who is asked' }),
      question: z.string().min(1).max(32_000),
      conversation_id: z.string().min(1).max(200).optional().meta({ description: 'Goes on with this conversation' }),
      wait_s: WaitS,
    }),
    run: async ({ agent, wait_s: waitS, ...question }, ask) => {
      const body = { task_type: typeOf.get(agent), payload: { operation: 'ask', ...question } };
      const answer = await ask({ method: 'POST', path: 'tasks', body });
      const accepted = Accepted.safeParse(answer.body);
      return answer.isRefused || !accepted.success ? answer : waited(accepted.data.task_id, waitS, ask);
    },
  }),
];

const byName = new Map(tools.map((tool) => [tool.name, tool]));

/** 2020-12 is what the protocol takes a schema for that names none. */
export const inputSchemaOf = (input: z.ZodObject): JsonSchema => {
  const schema: Record<string, unknown> = { ...z.toJSONSchema(input, { io: 'input' }) };
  delete schema['$schema'];
  return schema;
};

/** As clients get them. */
const definitions = tools.map((tool) => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: inputSchemaOf(tool.input),
  annotations: {
    title: tool.title,
    readOnlyHint: tool.isReadOnly,
    destructiveHint: false,
    idempotentHint: tool.isReadOnly,
    openWorldHint: false,
  },
}));

/** An answer with one value, which clients without structured content read as text. */
export const jsonAnswer = (value: unknown, isError = false): ToolAnswer => ({
  content: [{ type: 'text', text: JSON.stringify(value) }],
  structuredContent: value,
  isError,
});

export const errorAnswer = (code: string, message: string, more: object = {}): ToolAnswer => ({
  content: [{ type: 'text', text: `${code}: ${message}` }],
  // Not as structured content: clients check that against the schema of the result, for errors too.
  meta: { [errorKey]: { code, message, ...more } },
  isError: true,
});

const problemsOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

@Injectable()
export class OwnTools {
  constructor(private readonly api: PulserApi) {}

  get definitions(): typeof definitions {
    return definitions;
  }

  has(name: string): boolean {
    return byName.has(name);
  }

  /** @param apiKey of the caller, whose rights count */
  async call(name: string, args: unknown, apiKey: string, signal: AbortSignal): Promise<ToolAnswer> {
    const tool = byName.get(name);
    if (tool === undefined) return errorAnswer('unknown_tool', 'There is no such tool');
    const parsed = tool.input.safeParse(args);
    if (!parsed.success) return errorAnswer('invalid_args', problemsOf(parsed.error));
    try {
      // Parsed by the schema of this very tool.
      const answer = await tool.run(parsed.data as never, (request) => this.api.ask(apiKey, request, signal));
      return jsonAnswer(answer.body, answer.isRefused);
    } catch (error) {
      signal.throwIfAborted();
      return errorAnswer('server_unavailable', `Pulser's API did not answer: ${(error as Error).name}`);
    }
  }
}
