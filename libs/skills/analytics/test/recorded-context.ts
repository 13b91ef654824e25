import type { TaskContext } from '@pulser/agent-runtime/skill';

/** A context that keeps what a handler did with it. */
export interface RecordedContext extends TaskContext {
  readonly artifacts: Map<string, { readonly mediaType: string; readonly content: Uint8Array }>;
  readonly progressed: number[];
}

export const recordedContext = (signal = AbortSignal.timeout(20_000)): RecordedContext => {
  const artifacts: RecordedContext['artifacts'] = new Map();
  const progressed: number[] = [];
  return {
    taskId: '0198c7a0-0000-7000-8000-000000000001',
    tenantId: '0198c7a0-0000-7000-8000-000000000002',
    taskType: 'analytics',
    attempt: 1,
    signal,
    deadline: new Date(Date.now() + 20_000),
    log: () => undefined,
    progress: (percent) => void progressed.push(percent),
    artifact: (name, mediaType, content) => {
      artifacts.set(name, { mediaType, content });
      return Promise.resolve();
    },
    once: (_key, effect) => effect({ idempotencyKey: 'recorded' }),
    artifacts,
    progressed,
  };
};
