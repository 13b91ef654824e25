// Arguments and results by the schemas of their tools, compiled once for each pin.
import { Injectable } from '@nestjs/common';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';

import type { JsonSchema, RegisteredTool } from '../registry/definition.policy.js';
import { CallFailure } from './call-failure.js';

interface Pattern {
  test(text: string): boolean;
}

/** Patterns of a server from outside run in linear time; one that the engine does not know is left to the server. */
const linearRegExp = Object.assign(
  (pattern: string): Pattern => {
    try {
      const compiled = RE2JS.compile(pattern);
      return { test: (text) => compiled.matcher(text).find() };
    } catch {
      return { test: () => true };
    }
  },
  { code: 'linearRegExp' },
);

const options = {
  strict: false,
  validateFormats: false,
  allErrors: false,
  ownProperties: true,
  logger: false,
} as const;
const own = new Ajv2020(options);
const foreign = new Ajv2020({ ...options, code: { regExp: linearRegExp } });

const textOf = ({ instancePath, message = 'is not valid', params }: ErrorObject): string => {
  const extra: unknown = params['additionalProperty'];
  const named = typeof extra === 'string' ? `: ${extra.slice(0, 100)}` : '';
  return `${instancePath === '' ? '/' : instancePath.slice(0, 200)} ${message}${named}`;
};

const maxCompiled = 2_000;

@Injectable()
export class ArgumentChecks {
  private readonly compiled = new Map<string, ValidateFunction>();

  /** @throws CallFailure `invalid_args`, in words about the arguments */
  requireArguments(tool: RegisteredTool, given: JsonSchema): void {
    const validate = this.compiledOf(tool, 'input', tool.inputSchema);
    if (validate(given)) return;
    throw new CallFailure('invalid_args', (validate.errors ?? []).map(textOf).join('; '));
  }

  /** @throws CallFailure `upstream_error` */
  requireResult(tool: RegisteredTool, result: unknown): void {
    if (tool.outputSchema === undefined) return;
    const validate = this.compiledOf(tool, 'output', tool.outputSchema);
    if (validate(result)) return;
    const why = (validate.errors ?? []).map(textOf).join('; ');
    throw new CallFailure('upstream_error', `The answer does not match the schema of the tool: ${why}`);
  }

  private compiledOf(tool: RegisteredTool, side: 'input' | 'output', schema: JsonSchema): ValidateFunction {
    const key = `${side} ${tool.exposedName} ${tool.pin}`;
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    if (this.compiled.size >= maxCompiled) this.compiled.clear();
    const made = compile(tool, schema);
    this.compiled.set(key, made);
    return made;
  }
}

const compile = ({ isOwn, exposedName }: RegisteredTool, schema: JsonSchema): ValidateFunction => {
  // Ajv would remember its id, and look for the dialect that it names.
  const rest: JsonSchema = { ...schema, $id: undefined, $schema: undefined };
  try {
    return (isOwn ? own : foreign).compile(rest);
  } catch (cause) {
    throw new CallFailure('upstream_error', `The schema of ${exposedName} cannot be checked`, { cause });
  }
};
