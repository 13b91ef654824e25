import { gateOf } from './approval.policy.js';

const apply = {
  exposedName: 'kubernetes__k8s_manifest_apply',
  flag: 'destructive',
  needsApproval: true,
  trialArgument: 'dry_run',
} as const;

describe('what stands before a call', () => {
  it('is persons, but for a trial that says so itself', () => {
    expect(gateOf(apply, undefined).asks).toBe(true);
    expect(gateOf(apply, undefined, {}).asks).toBe(true);
    expect(gateOf(apply, undefined, { dry_run: false }).asks).toBe(true);
    expect(gateOf(apply, undefined, { dry_run: 'true' }).asks).toBe(true);
    expect(gateOf(apply, undefined, { dry_run: true }).asks).toBe(false);
    expect(gateOf({ ...apply, trialArgument: undefined }, undefined, { dry_run: true }).asks).toBe(true);
  });

  it('is what the first rule of the tenant says that fits, also for trials', () => {
    const rules = [{ tool: 'kubernetes__*', ask: true }];
    expect(gateOf(apply, rules, { dry_run: true }).asks).toBe(true);
    expect(gateOf(apply, [{ tool: 'kubernetes__*', ask: false }], {}).asks).toBe(false);
    expect(gateOf(apply, [{ tool: 'kubernetes__*', notify: ['ops'] }], { dry_run: true })).toEqual({
      ...{ asks: false, notify: ['ops'] },
    });
  });
});
