// What a server is: its name, the variables it reads, and its tools with their schemas.
import { z } from 'zod';

import type { ToolCallContext } from './call-context.js';
import { ToolError } from './tool-error.js';

/** `read` changes nothing; `write` adds or can be taken back; `destructive` overwrites, removes, or runs code that it is given. */
export type ToolFlag = 'read' | 'write' | 'destructive';

/** A value that the tools of a server need from whom they act for. */
export interface Variable {
  readonly name: string;
  readonly description: string;
  /** Masked in every answer and error. */
  readonly secret: boolean;
  /** Without it no tool of the server works. */
  readonly required?: boolean;
  readonly example?: string;
}

export interface McpServerDefinition {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** Every variable that its tools may read. */
  readonly variables: readonly Variable[];
  /** Ports on which its backends listen, besides those of OUTGOING_PORTS. */
  readonly ports?: readonly number[];
  readonly tools: readonly ServerTool[];
}

export type JsonObject = Record<string, unknown>;

/** A tool as the kit serves it. */
export interface ServerTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly flag: ToolFlag;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
  /** Whether it is told what the coordinator says of itself. */
  readonly needsHost: boolean;
  readonly timeLimitMs: number;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject;
  readonly examples: readonly { readonly arguments: JsonObject }[];
  /** Checks the arguments, runs, checks the result. @throws ToolError, and whatever a backend's client throws */
  readonly call: (args: unknown, context: ToolCallContext) => Promise<JsonObject>;
}

export interface ToolSource<I extends z.ZodObject, O extends z.ZodObject> {
  /** As in the catalogue, without the server. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly flag: ToolFlag;
  /** Whether a repeat of the same call changes nothing more; reads always are. */
  readonly idempotent?: boolean;
  /** Whether it reaches beyond the server; by default it does. */
  readonly openWorld?: boolean;
  readonly needsHost?: boolean;
  /** Milliseconds that a call may take; by default a minute. */
  readonly timeLimitMs?: number;
  readonly input: I;
  /** A result that is too long is cut where this has a field `truncated`. */
  readonly output: O;
  readonly examples: readonly { readonly arguments: z.input<I> }[];
  readonly run: (args: z.output<I>, call: ToolCallContext) => Promise<z.input<O>>;
}

const usualTimeLimitMs = 60_000;
const maxProblems = 5;

const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, maxProblems)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');

const checkedArguments = <I extends z.ZodObject>(input: I, args: unknown): z.output<I> => {
  const parsed = input.safeParse(args ?? {});
  if (!parsed.success) throw new ToolError('invalid_args', problemsOf(parsed.error));
  return parsed.data;
};

const checkedResult = <O extends z.ZodObject>(output: O, result: unknown): JsonObject => {
  const parsed = output.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new ToolError('upstream_error', `The answer has another shape than expected: ${problemsOf(parsed.error)}`);
};

// Of every integer Zod says that it is a safe one: 60 characters that teach a model nothing.
const withoutSafeBounds = ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

const schemaOf = (schema: z.ZodObject, io: 'input' | 'output'): JsonObject => {
  const json: JsonObject = { ...z.toJSONSchema(schema, { target: 'draft-2020-12', io, override: withoutSafeBounds }) };
  // 2020-12 is what the protocol takes a schema for that names none.
  delete json['$schema'];
  return json;
};

/** A tool from its schemas and its code. Arguments that its schema does not name are refused. */
export const defineTool = <I extends z.ZodObject, O extends z.ZodObject>(source: ToolSource<I, O>): ServerTool => {
  const { name, title, description, flag, examples, output, run } = source;
  const input = source.input.strict();
  return {
    ...{ name, title, description, flag, examples },
    idempotent: flag === 'read' || (source.idempotent ?? false),
    openWorld: source.openWorld ?? true,
    needsHost: source.needsHost ?? false,
    timeLimitMs: source.timeLimitMs ?? usualTimeLimitMs,
    inputSchema: { ...schemaOf(input, 'input'), examples: examples.map((example) => example.arguments) },
    outputSchema: schemaOf(output, 'output'),
    call: async (args, context) =>
      checkedResult(output, await run(checkedArguments(input, args) as z.output<I>, context)),
  };
};
