// The steps of an `ask` in their order: each request to a model, and each tool that was called.
import type { ModelCallView, TaskSpend } from '@pulser/contracts';

export type AskStep =
  | { readonly kind: 'request'; readonly step: string; readonly call: ModelCallView }
  | { readonly kind: 'tool'; readonly step: string; readonly tool: string; readonly isOk: boolean };

interface CalledTool {
  readonly step: number;
  readonly tool: string;
  readonly ok: boolean;
}

const isTool = (value: unknown): value is CalledTool => {
  if (typeof value !== 'object' || value === null) return false;
  const { step, tool, ok } = value as Partial<Record<keyof CalledTool, unknown>>;
  return typeof step === 'number' && typeof tool === 'string' && typeof ok === 'boolean';
};

/** The tools in the result of an `ask`; none of anything else, and none before it has ended. */
const toolsOf = (result: unknown): readonly CalledTool[] => {
  if (typeof result !== 'object' || result === null || !('tools' in result)) return [];
  return Array.isArray(result.tools) ? (result.tools as unknown[]).filter(isTool) : [];
};

const stepOf = (name: string): string => name.replace(/^ask:/, '');

/** The summary of a conversation comes before the first step. */
const placeOf = (step: string): number => (step === 'summary' ? 0 : Number(step));

/** @param result of the task */
export const askSteps = ({ calls }: TaskSpend, result: unknown): AskStep[] => {
  const requests = calls.map((call): AskStep => ({ kind: 'request', step: stepOf(call.step), call }));
  const tools = toolsOf(result).map(({ step, tool, ok }): AskStep => ({
    kind: 'tool',
    step: String(step),
    tool,
    isOk: ok,
  }));
  // Stable: tools stay behind the requests of their step.
  return [...requests, ...tools].sort((one, other) => placeOf(one.step) - placeOf(other.step));
};
