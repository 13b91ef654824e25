import type { AgentHealth, HealthSnapshot } from './health-snapshot.js';
import { bucketOf, routeOf } from './route.policy.js';

const route = { agent: 'dash', backups: ['maya', 'echo'] };

const health = (state: Partial<AgentHealth>): AgentHealth => ({
  status: 'healthy',
  reasons: [],
  share: 100,
  standIn: undefined,
  resendBefore: undefined,
  ...state,
});

const well = health({});
const down = health({ status: 'unhealthy', share: 0 });

const task = '019a0000-0000-7000-8000-000000000000';
/** Tasks of every bucket, ten of each. */
const tasks = Array.from({ length: 1_000 }, (_, n) => `${task.slice(0, -8)}${n.toString(16).padStart(8, '0')}`);

const toOwner = (states: HealthSnapshot): string[] => tasks.filter((id) => routeOf(route, id, states) === 'dash');

describe('the agent that gets a task', () => {
  it.each<[string, HealthSnapshot]>([
    ['all are healthy', new Map(['dash', 'maya', 'echo'].map((agent) => [agent, well]))],
    ['only it is healthy', new Map([...['maya', 'echo'].map((agent) => [agent, down] as const)])],
    ['it is slow only', new Map([['dash', health({ status: 'degraded' })]])],
    ['nothing is known', new Map()],
    ['nothing is known of it, and a back-up is healthy', new Map([['maya', well]])],
    ['none is healthy', new Map(['dash', 'maya', 'echo'].map((agent) => [agent, down]))],
    ['nobody stands in for it', new Map([['dash', health({ status: 'unhealthy', share: 0, standIn: null })]])],
  ])('is the owner of its type when %s', (_case, states) => {
    expect(toOwner(states)).toHaveLength(1_000);
  });

  it('is the stand-in that was chosen, if it runs the type', () => {
    const standingIn = (standIn: string) => new Map([['dash', health({ status: 'unhealthy', share: 0, standIn })]]);
    expect(routeOf(route, task, standingIn('echo'))).toBe('echo');
    expect(routeOf(route, task, standingIn('arkie'))).toBe('maya');
  });

  it('is the first healthy back-up when no stand-in was chosen', () => {
    expect(routeOf(route, task, new Map([['dash', down]]))).toBe('maya');
    const states = new Map([
      ['dash', down],
      ['maya', down],
      ['echo', well],
    ] as const);
    expect(routeOf(route, task, states)).toBe('echo');
  });

  it('is the owner, healthy or not, where there is no back-up', () => {
    expect(routeOf({ agent: 'dash', backups: [] }, task, new Map([['dash', down]]))).toBe('dash');
  });

  it.each([1, 10, 50])('is the owner for %d %% of the tasks while it comes back, always for the same ones', (share) => {
    const states = new Map([['dash', health({ share, standIn: 'echo' })]]);
    const own = toOwner(states);
    expect(own).toHaveLength(10 * share);
    expect(toOwner(states)).toEqual(own);
    expect(own.every((id) => bucketOf(id) < share)).toBe(true);
    // A task that has gone to it once stays with it as the share grows.
    const later = new Set(toOwner(new Map([['dash', health({ share: share + 10, standIn: 'echo' })]])));
    expect(own.every((id) => later.has(id))).toBe(true);
  });
});
