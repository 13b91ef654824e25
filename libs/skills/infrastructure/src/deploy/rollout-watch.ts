// Watches rollouts until they have ended or their time is over. Between two looks the task waits without a slot.
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { type ClusterTools, isPassing, isRefusal, type Place } from './cluster-tools.js';
import type { Rollout } from './deploy-contract.js';
import { labelOf } from './deploy-plan.js';
import { nextLook, type Verdict, verdictOf } from './rollout.policy.js';

export interface Watched {
  /** `progressing`: the time is over. */
  readonly verdict: Verdict;
  readonly rollouts: readonly Rollout[];
}

/** Seconds that one look may wait for the end. */
const lookS = 10;

/** A look that was not answered is no end: the next one may be. One that is refused is: the deployment is gone, for instance. */
const lookAt = async (tools: ClusterTools, place: Place, waitS: number): Promise<Rollout> => {
  try {
    const { state, message } = await tools.rollout(place, waitS);
    return { deployment: labelOf(place), state, message };
  } catch (error) {
    if (!isPassing(error) && !isRefusal(error)) throw error;
    return { deployment: labelOf(place), state: isPassing(error) ? 'unknown' : 'failed', message: error.message };
  }
};

/** Only the first one that has not ended is waited for. */
const lookAtAll = async (tools: ClusterTools, places: readonly Place[], waitS: number): Promise<readonly Rollout[]> => {
  const rollouts: Rollout[] = [];
  for (const place of places) {
    const waited = rollouts.some(({ state }) => state !== 'complete');
    rollouts.push(await lookAt(tools, place, waited ? 0 : waitS));
  }
  return rollouts;
};

/**
 * What rollouts have come to within their time. As an effect of the task: once it is known, nobody looks again.
 * @param key names it within the task
 */
export const watch = async (
  { once, waitFor, progress }: TaskContext,
  tools: ClusterTools,
  { key, places, limitS }: { readonly key: string; readonly places: readonly Place[]; readonly limitS: number },
): Promise<Watched> => {
  const { at } = await once(`${key}:began`, () => Promise.resolve({ at: Date.now() }));
  return once(key, async () => {
    for (;;) {
      const leftS = Math.floor((at + limitS * 1_000 - Date.now()) / 1_000);
      const rollouts = await lookAtAll(tools, places, Math.max(0, Math.min(lookS, leftS)));
      const verdict = verdictOf(rollouts);
      progress(80, rollouts.map(({ deployment, message }) => `${deployment}: ${message}`).join('; '));
      const next = nextLook(at, Date.now(), limitS * 1_000);
      if (verdict !== 'progressing' || next === undefined) return { verdict, rollouts };
      await waitFor(`${key}:${next.number}`, { until: new Date(next.atMs).toISOString() });
    }
  });
};
