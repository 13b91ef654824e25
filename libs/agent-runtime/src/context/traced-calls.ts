import type { Span, Tracer } from '@pulser/service-kit';

import type { HostCalls } from './handler-context.js';

/** Calls of handlers that may take long. */
const names = [
  ...(['artifact', 'openData', 'describeDataset', 'keepDataset', 'keepFile', 'finishedTasks'] as const),
  ...(['remember', 'searchMemory', 'forgetMemory', 'embed', 'beginEffect', 'finishEffect', 'callTool'] as const),
] as const satisfies readonly (keyof HostCalls)[];

type Call = (...args: unknown[]) => Promise<unknown>;

/**
 * The same calls, each in a span below that of its attempt. A thread's calls come in as messages, in which no span is the
 * current one.
 */
export const inSpans = (calls: HostCalls, tracer: Tracer, span: Span | undefined): HostCalls => {
  if (span === undefined) return calls;
  const traced: Record<string, unknown> = { ...calls };
  for (const name of names) {
    const call = calls[name] as Call;
    traced[name] = (...args: unknown[]) => span.run(() => tracer.inSpan(name, 'internal', async () => call(...args)));
  }
  return traced as HostCalls;
};
