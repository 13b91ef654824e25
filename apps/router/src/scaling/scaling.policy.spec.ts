import { desiredSlots, desiredWorkers, scalingOf } from './scaling.policy.js';

const two = { workers: 2, slots: 8, busy: 8 };
const short = { waiting: 100, oldestWaitS: 1, objectiveS: 10 };

describe('the slots that an agent should have', () => {
  it.each([
    ['grow with the wait over its objective', { oldestWaitS: 15 }, 12],
    ['at most double, however old the backlog is', { oldestWaitS: 3_600 }, 16],
    ['stay when the wait is near its objective', { oldestWaitS: 10.9 }, 8],
    ['are never more than could be busy', { oldestWaitS: 20, waiting: 3 }, 11],
    ['are never fewer than are busy', { oldestWaitS: 1 }, 8],
  ])('%s', (_, waiting, slots) => {
    expect(desiredSlots({ ...two, ...short, ...waiting })).toBe(slots);
  });

  it('shrink to those in use when nothing waits, and to none when none is', () => {
    expect(desiredSlots({ ...two, busy: 3, ...short, waiting: 0, oldestWaitS: 0 })).toBe(3);
    expect(desiredSlots({ ...two, busy: 0, ...short, waiting: 0, oldestWaitS: 0 })).toBe(0);
  });

  it('are one, not none, for the first task of an agent without workers', () => {
    expect(desiredSlots({ workers: 0, slots: 0, busy: 0, ...short, oldestWaitS: 0 })).toBe(1);
    expect(desiredSlots({ workers: 0, slots: 0, busy: 0, ...short, oldestWaitS: 3_600 })).toBe(1);
  });
});

describe('the workers that an agent should have', () => {
  it('have so many slots together, as its workers have now', () => {
    expect(desiredWorkers(12, two)).toBe(3);
    expect(desiredWorkers(13, two)).toBe(4);
    expect(desiredWorkers(8, two)).toBe(2);
    expect(desiredWorkers(0, two)).toBe(0);
  });

  it('are one when it has none, and none when nothing waits either', () => {
    const none = { workers: 0, slots: 0, busy: 0 };
    expect(desiredWorkers(5, none)).toBe(1);
    expect(desiredWorkers(0, none)).toBe(0);
  });
});

it('the signal says what it was made of', () => {
  expect(scalingOf('dash', two, { waiting: 100, oldestWaitS: 15.2345, objectiveS: 10 })).toEqual({
    ...two,
    agent: 'dash',
    desired_workers: 4,
    desired_slots: 13,
    waiting: 100,
    oldest_wait_s: 15.23,
    objective_s: 10,
  });
});
