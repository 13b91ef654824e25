import { allowedOutput, type BudgetLimits, exhausted, leftOf, lowered, usedShare } from './budget.policy.js';

const amount = { micros: 1_000, tokens: 1_000, calls: 10 };
const limits: BudgetLimits = { task: amount, tree: { ...amount, micros: 800 }, day: { ...amount, tokens: 600 } };
const price = { input: 1_000_000, output: 2_000_000 };

describe('budgets', () => {
  it('are only ever lowered by those below', () => {
    const so = lowered(limits, { task: { usd: 0.0005, calls: 99 } }, { day: { tokens: 100 }, task: { usd: 5 } });
    expect(so.task).toEqual({ micros: 500, tokens: 1_000, calls: 10 });
    expect(so.day).toEqual({ micros: 1_000, tokens: 100, calls: 10 });
    expect(so.tree).toEqual(limits.tree);
  });

  it('leave what the tightest of them leaves', () => {
    expect(leftOf(limits, {})).toEqual({ micros: 800, tokens: 600, calls: 10 });
    const use = { task: { micros: 900, tokens: 0, calls: 9 }, day: { micros: 0, tokens: 700, calls: 0 } };
    expect(leftOf(limits, use)).toEqual({ micros: 100, tokens: 0, calls: 1 });
  });

  it('cap the output to what is left of tokens and money, and refuse what is too little', () => {
    const left = { micros: 1_000, tokens: 500, calls: 1 };
    expect(allowedOutput(left, 100, 2_000, price)).toBe(400);
    expect(allowedOutput({ ...left, tokens: 9_999 }, 100, 2_000, price)).toBe(450);
    expect(allowedOutput({ ...left, micros: 120 }, 100, 2_000, price)).toBeUndefined();
    expect(allowedOutput({ ...left, calls: 0 }, 100, 2_000, price)).toBeUndefined();
    expect(allowedOutput({ ...left, micros: 0 }, 100, 2_000, { input: 0, output: 0 })).toBe(400);
  });

  it('say which of them is used up', () => {
    const needed = { micros: 200, tokens: 10, calls: 1 };
    expect(exhausted(limits, { tree: { micros: 700, tokens: 0, calls: 0 } }, needed)).toBe('tree.micros');
    expect(exhausted(limits, { day: { micros: 0, tokens: 0, calls: 10 } }, needed)).toBe('day.calls');
  });

  it('know how much of them is used', () => {
    expect(usedShare(amount, { micros: 100, tokens: 850, calls: 1 })).toBe(0.85);
    expect(usedShare({ ...amount, micros: 0 }, { micros: 0, tokens: 0, calls: 0 })).toBe(1);
  });
});
