import { AgingCredit } from './agent-queue-window.js';
import { roomFor, tasksPerMessage, windowOf } from './work-rate.js';

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

describe('a message to the workers of an agent', () => {
  it('holds one task until it is known how long these take, and where they take long', () => {
    expect(tasksPerMessage({ slots: 100, rate: undefined })).toBe(1);
    expect(tasksPerMessage({ slots: 100, rate: 20 })).toBe(1);
  });

  it('holds what all workers end within 10 ms, where tasks are many and short', () => {
    expect(tasksPerMessage({ slots: 100, rate: 2_000 })).toBe(20);
  });

  it('is bounded', () => {
    expect(tasksPerMessage({ slots: 100, rate: 1e6 })).toBe(32);
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
