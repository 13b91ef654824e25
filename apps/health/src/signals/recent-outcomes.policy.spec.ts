import type { MinuteActivity } from '@pulser/context-bus';

import { RecentOutcomes } from './recent-outcomes.js';

describe('what tasks did lately', () => {
  let outcomes: RecentOutcomes;
  let total: { completed: number; failed: number; runLogs: number };

  const minute = (operation = 'query'): MinuteActivity => ({
    ...{ agent: 'dash', taskType: 'analytics', operation, minuteS: 0 },
    ...total,
  });

  /** So many tasks ended since the last look, each after so long. */
  const ended = (completed: number, failed: number, ms = 100, learns = true): void => {
    total = {
      completed: total.completed + completed,
      failed: total.failed + failed,
      runLogs: total.runLogs + completed * Math.log(ms),
    };
    outcomes.add([minute()], learns);
  };

  beforeEach(() => {
    outcomes = new RecentOutcomes();
    total = { completed: 1_000, failed: 1_000, runLogs: 0 };
    ended(0, 0);
  });

  it('says nothing of what was before, nor of a few tasks', () => {
    expect([outcomes.success, outcomes.slowness]).toEqual([undefined, undefined]);
    ended(10, 5);
    expect(outcomes.success).toBeUndefined();
  });

  it('tells the success of the last hundred, of the oldest counts a part', () => {
    ended(0, 1_000);
    expect(outcomes.success).toBe(0);
    ended(60, 0);
    expect(outcomes.success).toBeCloseTo(0.6);
    ended(60, 40);
    expect(outcomes.success).toBeCloseTo(0.6);
    ended(100, 0);
    expect(outcomes.success).toBe(1);
    expect(outcomes.errors).toEqual({ value: 0, number: 4 });
  });

  it('goes on from what the leader before kept', () => {
    ended(50, 50);
    expect(new RecentOutcomes(JSON.parse(JSON.stringify(outcomes.memory)) as typeof outcomes.memory).success).toBe(0.5);
  });

  it('measures run times in terms of what is usual', () => {
    for (let round = 0; round < 20; round += 1) ended(10, 0);
    expect(outcomes.slowness?.value).toBeCloseTo(1);
    const { number = 0 } = outcomes.slowness ?? {};
    ended(10, 0, 1_000);
    expect(outcomes.slowness?.value).toBeCloseTo(10, 0);
    expect(outcomes.slowness?.number).toBe(number + 1);
  });

  it('is not misled by single tasks that take long', () => {
    const oneInTen = (): void => {
      total = {
        ...total,
        completed: total.completed + 10,
        runLogs: total.runLogs + 9 * Math.log(20) + Math.log(2_000),
      };
      outcomes.add([minute()], true);
    };
    for (let round = 0; round < 6; round += 1) ended(10, 0, 20);
    for (let round = 0; round < 6; round += 1) oneInTen();
    ended(10, 0, 200);
    expect(outcomes.slowness?.value).toBeGreaterThan(4);
  });

  it('does not take the slow first tasks of a fresh worker for usual', () => {
    for (let round = 0; round < 5; round += 1) ended(10, 0, 3_000);
    for (let round = 0; round < 8; round += 1) ended(10, 0, 50);
    expect(outcomes.slowness?.value).toBeCloseTo(1);
  });

  it('waits until ten tasks have come together', () => {
    for (let round = 0; round < 20; round += 1) ended(10, 0);
    const { number = 0 } = outcomes.slowness ?? {};
    for (let round = 0; round < 9; round += 1) ended(1, 0, 1_000);
    expect(outcomes.slowness?.number).toBe(number);
    ended(1, 0, 1_000);
    expect(outcomes.slowness).toMatchObject({ number: number + 1 });
  });

  it('does not take for usual what it sees while the agent is not well', () => {
    for (let round = 0; round < 20; round += 1) ended(10, 0);
    for (let round = 0; round < 500; round += 1) ended(10, 0, 1_000, false);
    expect(outcomes.slowness?.value).toBeCloseTo(10, 0);
  });
});
