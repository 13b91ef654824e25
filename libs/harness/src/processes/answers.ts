import { setTimeout as wait } from 'node:timers/promises';

const timeoutMs = 1_000;
const pauseMs = 50;

/** Whether a service says that it is well. @param url its base URL */
export const answers = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.ok ?? false;
};

/** Resolves when a service answers, or after `patienceMs`, or when `gone` says so. @returns whether it answers */
export const untilAnswers = async (url: string, patienceMs: number, gone = () => false): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline && !gone()) {
    if (await answers(url)) return true;
    await wait(pauseMs);
  }
  return false;
};
