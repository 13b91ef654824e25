import { AgingCredit, BacklogTracker } from './agent-queue-window.js';
import { LiveWorkers } from '@pulser/messaging';

import { roomFor, tasksPerMessage, windowOf, WorkRate } from './work-rate.js';

const limits = { seconds: 3, max: 20_000 };

describe('the window of an agent', () => {
  it('is some seconds of its measured work', () => {
    expect(windowOf({ slots: 100, rate: 2_000 }, limits)).toBe(6_000);
  });

  it('never lets a slot wait for the next message, however slow the work', () => {
    expect(windowOf({ slots: 4, rate: 0.01 }, limits)).toBe(16);
  });

  it('is bounded however fast the work', () => {
    expect(windowOf({ slots: 100, rate: 1e6 }, limits)).toBe(20_000);
  });

  it('is a modest number before anything was measured', () => {
    expect(windowOf({ slots: 0, rate: undefined }, limits)).toBe(256);
  });

  it('full of low tasks has no room for low ones, but for high ones', () => {
    expect(roomFor('low', 100, 100)).toBe(0);
    expect(roomFor('medium', 100, 100)).toBe(50);
    expect(roomFor('high', 100, 100)).toBe(100);
    expect(roomFor('high', 100, 250)).toBe(0);
  });
});

describe('the measured rate of an agent', () => {
  let rate: WorkRate;
  let second: number;
  let finished: number;

  /** The next heartbeat of its only worker, which has 4 slots. */
  const beat = (tasks: number, { running = 0, waiting = false } = {}): number | undefined => {
    second += 1;
    finished += tasks;
    const heartbeat = { agent: 'dash', instance: 'dash-1', slots: 4, running, finished_total: finished };
    rate.heard({ ...heartbeat, failed_total: 0, at: '2026-11-29T00:00:00Z' }, second * 1_000, waiting);
    return rate.workforceAt(second * 1_000).rate;
  };

  beforeEach(() => {
    rate = new WorkRate('dash', new LiveWorkers());
    second = 0;
    finished = 0;
    beat(0);
    beat(1_000);
  });

  it('is what its workers could do, also while there is little to do', () => {
    expect([beat(100), beat(1, { running: 3 }), beat(0)]).toEqual([1_000, 1_000, 1_000]);
    expect(beat(2_000)).toBe(2_000);
  });

  it('sinks when they do less although all their slots are in use, or much waits', () => {
    expect(beat(4, { running: 4 })).toBe(502);
    expect(beat(2, { waiting: true })).toBe(252);
  });
});

describe('a message to the workers of an agent', () => {
  it('holds one task until it is known how long these take, and where they take long', () => {
    expect(tasksPerMessage({ slots: 100, rate: undefined })).toBe(1);
    expect(tasksPerMessage({ slots: 100, rate: 20 })).toBe(1);
  });

  it('holds what all workers end within 10 ms, where tasks are many and short', () => {
    expect(tasksPerMessage({ slots: 100, rate: 2_000 })).toBe(20);
  });

  it('is bounded', () => {
    expect(tasksPerMessage({ slots: 100, rate: 1e6 })).toBe(100);
  });
});

describe('agingCredit', () => {
  it('lets one aged task through for every ten that pass it', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('high', 9);
    expect(agingCredit.allowed).toBe(0);
    agingCredit.sent('medium', 1);
    expect(agingCredit.allowed).toBe(1);
    agingCredit.boosted(1);
    expect(agingCredit.allowed).toBe(0);
  });

  it('does not count tasks of the lowest priority, which overtake none', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('low', 1_000);
    expect(agingCredit.allowed).toBe(0);
  });

  it('does not save up for a flood', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('high', 1_000_000);
    expect(agingCredit.allowed).toBe(100);
  });
});

describe('the backlog of one agent and priority', () => {
  const none = { more: false };
  const some = { more: true };

  it('is left behind when no more rows wait, although new tasks arrived during the dequeue', async () => {
    const tracker = new BacklogTracker();
    tracker.skip('a');
    const dequeue = Promise.withResolvers<typeof none>();
    const draining = tracker.drain(() => dequeue.promise);
    const arrival = tracker.dequeued().then(() => tracker.hasBacklog);
    expect(tracker.hasBacklog).toBe(true);
    dequeue.resolve(none);
    await draining;
    expect(await arrival).toBe(false);
    expect(tracker.mayHaveBacklog).toBe(false);
  });

  it('goes on, with what arrived meanwhile behind it, while more rows wait', async () => {
    const tracker = new BacklogTracker();
    tracker.skip('b');
    await tracker.drain(() => Promise.resolve(some));
    expect(await tracker.dequeued().then(() => tracker.hasBacklog)).toBe(true);
    tracker.skip('c');
    await tracker.drain((skippedFrom) => Promise.resolve({ more: skippedFrom !== 'b' }));
    expect(tracker.mayHaveBacklog).toBe(false);
  });

  it('is only possible, and holds up no new task, until a dequeue has seen rows', async () => {
    const tracker = new BacklogTracker();
    tracker.markPossible();
    expect([tracker.mayHaveBacklog, tracker.hasBacklog]).toEqual([true, false]);
    await tracker.drain(() => Promise.resolve(some));
    expect(tracker.hasBacklog).toBe(true);
  });

  it('holds a new task for no longer than 100 ms: a slower dequeue makes it part of the backlog', async () => {
    const tracker = new BacklogTracker();
    const dequeue = Promise.withResolvers<typeof none>();
    const draining = tracker.drain(() => dequeue.promise);
    await tracker.dequeued();
    expect(tracker.hasBacklog).toBe(true);
    tracker.skip('d');
    dequeue.resolve(none);
    await draining;
    expect(tracker.hasBacklog).toBe(true);
    await tracker.drain((skippedFrom) => Promise.resolve({ more: skippedFrom === undefined }));
    expect(tracker.hasBacklog).toBe(false);
  });

  it('is remembered when the dequeue fails', async () => {
    const tracker = new BacklogTracker();
    tracker.skip('e');
    await expect(tracker.drain(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await tracker.drain((skippedFrom) => Promise.resolve({ more: skippedFrom !== 'e' }));
    expect(tracker.hasBacklog).toBe(false);
  });
});
