// What a model may call: fixed when an `ask` starts, and never by what the model or its material says.
import { type FoundTool, TaskError } from '@pulser/contracts';
import type { ChatTool } from '@pulser/models';
import { z } from 'zod';

import type { Operation } from '../skills/skill.js';
import type { TaskContext } from '../skills/task-context.js';

/** Calls one operation of the agent with a payload. @throws what the operation fails with */
export type CallOperation = (payload: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What is called within the task that asks. */
export interface LocalTool {
  readonly kind: 'local';
  /** As the model sees it. */
  readonly described: ChatTool;
  /** @param given what the model gave; anything */
  readonly call: (given: Readonly<Record<string, unknown>>, operate: CallOperation) => Promise<unknown>;
}

/** What another task does, while this one waits without a slot. */
export interface DelegateTool {
  readonly kind: 'delegate';
  readonly described: ChatTool;
  /** Submits the task, once for each key. @returns its id. @throws TaskError `invalid_payload`, `child_refused` */
  readonly begin: (key: string, given: Readonly<Record<string, unknown>>) => Promise<string>;
  /** What the task came to, when it has ended. @throws TaskError with the code of its failure */
  readonly end: (key: string, taskId: string) => Promise<unknown>;
}

/** A tool of an MCP server. */
export interface McpTool {
  readonly kind: 'mcp';
  readonly described: ChatTool;
  /** @param key names the call among those of the task */
  readonly call: (given: Readonly<Record<string, unknown>>, key: string) => Promise<unknown>;
}

/** Finds more tools, which are offered from then on. */
export interface ToolFinder {
  readonly kind: 'finder';
  readonly described: ChatTool;
  readonly find: (given: Readonly<Record<string, unknown>>) => Promise<readonly FoundTool[]>;
  readonly offer: (found: FoundTool) => McpTool;
}

export type AskTool = LocalTool | DelegateTool | McpTool | ToolFinder;

type JsonSchema = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of a payload without the name of its operation, which the name of the tool says. */
const parametersOf = (schema: JsonSchema): JsonSchema | undefined => {
  const { properties, required } = schema;
  if (schema['type'] !== 'object' || !isRecord(properties)) return undefined;
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'operation'));
  const names = Array.isArray(required) ? (required as unknown[]).filter((name) => name !== 'operation') : [];
  const rest = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
  return { ...rest, properties: others, required: names };
};

// Of alternatives the payload is one argument, because servers take objects only.
const wrapped = (schema: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { payload: schema },
  required: ['payload'],
});

const toolOf = (operation: Operation): LocalTool => {
  const { name, summary, input } = operation;
  const schema = z.toJSONSchema(input, { io: 'input' }) as JsonSchema;
  const parameters = parametersOf(schema);
  return {
    kind: 'local',
    described: { name, description: summary, parameters: parameters ?? wrapped(schema) },
    call: (given, operate) => {
      const payload = parameters === undefined && isRecord(given['payload']) ? given['payload'] : given;
      return operate({ ...payload, operation: name });
    },
  };
};

const Search = z.strictObject({
  text: z.string().min(1).max(4_000),
  limit: z.int().min(1).max(20).default(5),
});

const Remember = z.strictObject({
  type: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/),
  content: z.string().min(1).max(8_000),
});

/** What a model gave, by a schema. @throws TaskError `invalid_payload` */
export const checked = <T>(schema: z.ZodType<T>, given: unknown): T => {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw new TaskError('invalid_payload', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
};

/** The memory of the agent. What was derived by a model keeps that mark. */
const memoryTools = (context: Pick<TaskContext, 'searchMemory' | 'remember'>): readonly LocalTool[] => [
  {
    kind: 'local',
    described: {
      name: 'search_memory',
      description: 'Finds what this agent remembers, by meaning. `trust` says who vouches for it',
      parameters: z.toJSONSchema(Search, { io: 'input' }),
    },
    call: async (given) => {
      const hits = await context.searchMemory(checked(Search, given));
      return hits.map(({ type, content, subject, trust, score, createdAt }) => ({
        ...{ type, content, subject, trust, score, created_at: createdAt },
      }));
    },
  },
  {
    kind: 'local',
    described: {
      name: 'remember',
      description: 'Keeps something for later tasks of this agent',
      parameters: z.toJSONSchema(Remember, { io: 'input' }),
    },
    call: async (given) => {
      const { type, content } = checked(Remember, given);
      const [id] = await context.remember([{ type, content, trust: 'derived', metadata: { by: 'ask' } }]);
      return { memory_id: id };
    },
  },
];

/** Whether a model may call it although the task does not name it: what asks hosts or uses secrets must be named. */
const isUsual = ({ secrets, mustBeNamed }: Operation): boolean => secrets !== true && mustBeNamed !== true;

/**
 * The tools of one `ask`: of what the agent can do with tasks of this type, what the task lists.
 * @param listed by the task; undefined: the usual ones. Names of what is not there are left out.
 */
export const askTools = (
  operations: readonly Operation[],
  listed: readonly string[] | undefined,
  context: Pick<TaskContext, 'searchMemory' | 'remember'>,
): ReadonlyMap<string, LocalTool> => {
  const [search, remember] = memoryTools(context);
  const offered = [
    ...operations.filter((one) => listed?.includes(one.name) ?? isUsual(one)).map(toolOf),
    ...[search, remember].filter((tool) => {
      if (tool === undefined) return false;
      return listed?.includes(tool.described.name) ?? tool.described.name === 'search_memory';
    }),
  ].filter((tool) => tool !== undefined);
  return new Map(offered.map((tool) => [tool.described.name, tool]));
};
