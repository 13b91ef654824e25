import type { DispatchGranted } from '@pulser/contracts';

import { CreditAccount } from './dispatch-credit.js';

const granted = (medium: number, change: Partial<DispatchGranted['grants'][number]> = {}, router = 'r1') => ({
  router,
  grants: [
    {
      gateway: 'g1',
      agent: 'dash',
      task_types: ['analytics'],
      until: { high: 2 * medium, medium, low: 0 },
      tasks_per_message: 7,
      ...change,
    },
  ],
});

describe('the credit of a gateway', () => {
  let account: CreditAccount;

  beforeEach(() => {
    account = new CreditAccount('g1');
  });

  const take = (tasks: number, now: number) => account.take('analytics', 'medium', tasks, now);

  it('is for all tasks of a commit or for none', () => {
    account.granted(granted(10), 0);
    expect(take(8, 1)).toEqual({ agent: 'dash', perMessage: 7 });
    expect(take(3, 2)).toBeUndefined();
  });

  it('is a limit to its total, so that a grant that comes twice counts once', () => {
    account.granted(granted(10), 0);
    take(8, 1);
    account.granted(granted(10), 2);
    expect(take(3, 3)).toBeUndefined();
    account.granted(granted(18), 4);
    expect(take(3, 5)).toBeDefined();
  });

  it('can be taken back', () => {
    account.granted(granted(10), 0);
    account.granted(granted(0), 1);
    expect(take(1, 2)).toBeUndefined();
  });

  it('for an agent that fails is taken back at once, whichever router gave it', () => {
    account.granted(granted(10), 0);
    account.granted(granted(10, {}, 'r2'), 0);
    account.withdraw('maya');
    expect(take(1, 1)).toBeDefined();
    account.withdraw('dash');
    expect(take(1, 2)).toBeUndefined();
  });

  it('is for the gateway and the types that it names, and by priority', () => {
    account.granted(granted(10, { gateway: 'g2' }), 0);
    expect(take(1, 1)).toBeUndefined();
    account.granted(granted(10), 2);
    expect(account.take('testing', 'medium', 1, 3)).toBeUndefined();
    expect(account.take('analytics', 'low', 1, 3)).toBeUndefined();
    expect(account.take('analytics', 'high', 20, 3)).toBeDefined();
  });

  it('is the least that any router gives, and none where they send the type to different agents', () => {
    account.granted(granted(10), 0);
    account.granted(granted(5, {}, 'r2'), 0);
    expect(take(5, 1)).toBeDefined();
    expect(take(1, 2)).toBeUndefined();
    account.granted(granted(20, {}, 'r1'), 3);
    account.granted(granted(20, { agent: 'maya' }, 'r2'), 3);
    expect(take(1, 4)).toBeUndefined();
  });

  it('ends a second after it came: a router that died gives none', () => {
    account.granted(granted(10), 0);
    expect(take(1, 1_000)).toBeDefined();
    expect(take(1, 1_001)).toBeUndefined();
  });

  it('is not used again, after a task went through the router, until newer credit comes', () => {
    account.granted(granted(2), 0);
    expect(take(3, 1)).toBeUndefined();
    expect(take(1, 2)).toBeUndefined();
    account.granted(granted(2), 3);
    expect(take(1, 4)).toBeDefined();
  });

  it('is reported with what was sent and what would have been, once', () => {
    account.granted(granted(10), 0);
    take(8, 1);
    account.recordSent({ agent: 'dash', priority: 'medium', tasks: 5, messages: 1 });
    account.recordSent({ agent: 'dash', priority: 'medium', tasks: 3, messages: 1 });
    account.take('testing', 'low', 1, 2);
    expect(account.report()).toEqual({
      gateway: 'g1',
      wanted: ['analytics', 'testing'],
      sent: [{ agent: 'dash', priority: 'medium', tasks: 8, messages: 2 }],
      totals: [{ agent: 'dash', tasks: 8 }],
    });
    expect(account.report()).toBeUndefined();
  });
});
