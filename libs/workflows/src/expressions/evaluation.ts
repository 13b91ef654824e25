// One evaluation, as the thread does it: a condition, or a template filled in for each of some items.
import { celValue, evaluateCel, evaluatePath, expressionLimits } from './language.js';
import { filledIn, type TemplateExpression, TemplateError } from './templates.js';

/** What expressions see. */
export interface Scope {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly steps: Readonly<Record<string, unknown>>;
  readonly run: Readonly<Record<string, unknown>>;
}

/** One item of a map. */
export interface Item {
  readonly item: unknown;
  readonly index: number;
}

export type Evaluated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: TemplateError['code']; readonly detail: string };

const bounded = (value: unknown, pointer: string): unknown => {
  if (value === undefined) throw new TemplateError('value_missing', 'The path finds nothing', pointer);
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > expressionLimits.resultBytes)
    throw new TemplateError('result_too_large', `It gives ${bytes} bytes of JSON, 64 KB at most`, pointer);
  return value;
};

const taskIdOf = (scope: Scope, step: string): string => {
  const state = scope.steps[step] as { readonly task_id?: unknown } | undefined;
  if (typeof state?.task_id === 'string') return state.task_id;
  throw new TypeError(`The step ${step} has no task of its own`);
};

const valueOf = (expression: TemplateExpression, scope: Scope, inCel: () => Record<string, unknown>): unknown => {
  switch (expression.kind) {
    case 'cel':
      return evaluateCel(expression.text, inCel());
    case 'path': {
      const value = evaluatePath(expression.text, scope);
      return value === undefined && 'otherwise' in expression ? expression.otherwise : value;
    }
    case 'artifact':
      return `artifact:${taskIdOf(scope, expression.step)}/${expression.file}`;
  }
};

/** @param onExpression is called when an expression was evaluated. */
const fill = (
  template: unknown,
  scope: Scope,
  inCel: () => Record<string, unknown>,
  onExpression: () => void,
): unknown =>
  filledIn(template, (expression, pointer) => {
    try {
      return bounded(valueOf(expression, scope, inCel), pointer);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new TemplateError('expression_failed', message.split('\n')[0]?.slice(0, 300) ?? '', pointer);
    } finally {
      onExpression();
    }
  });

/** A template filled in once, or once for each item. Never throws. */
export const evaluated = (
  template: unknown,
  scope: Scope,
  items: readonly Item[] | undefined,
  onExpression: () => void,
): Evaluated[] => {
  const base = celScopeOf(scope);
  return (items ?? [undefined]).map((item) => {
    const inCel = () => (item === undefined ? base() : { ...base(), ...(celValue(item) as object) });
    try {
      return { ok: true, value: fill(template, { ...scope, ...item }, inCel, onExpression) };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const where = error.pointer === '' ? '' : ` (at ${error.pointer})`;
      return { ok: false, code: error.code, detail: `${error.message}${where}` };
    }
  });
};

// Made when the first expression in CEL asks for it: it is a copy of all results.
const celScopeOf = (scope: Scope): (() => Record<string, unknown>) => {
  let made: Record<string, unknown> | undefined;
  return () => (made ??= celValue(scope) as Record<string, unknown>);
};
