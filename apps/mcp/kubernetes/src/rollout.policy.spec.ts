import { type RolloutFacts, rolloutState } from './rollout.policy.js';

const complete: RolloutFacts = {
  ...{ generation: 4, observedGeneration: 4, desired: 3, replicas: 3, updated: 3, ready: 3, available: 3 },
  ...{ paused: false, deadlineExceeded: false },
};

describe('a rollout', () => {
  it.each<[Partial<RolloutFacts>, string]>([
    [{}, 'complete'],
    [{ observedGeneration: 3 }, 'progressing'],
    [{ updated: 2 }, 'progressing'],
    [{ replicas: 4 }, 'progressing'],
    [{ available: 2 }, 'progressing'],
    [{ updated: 2, paused: true }, 'paused'],
    [{ paused: true }, 'complete'],
    [{ updated: 2, deadlineExceeded: true }, 'failed'],
    // The condition is of the rollout before the latest change.
    [{ observedGeneration: 3, deadlineExceeded: true }, 'progressing'],
    [{ desired: 0, replicas: 0, updated: 0, ready: 0, available: 0 }, 'complete'],
  ])('with %j is %s', (over, state) => {
    expect(rolloutState({ ...complete, ...over }).state).toBe(state);
  });
});
