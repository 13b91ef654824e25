import { type HealthSnapshot, routeOf } from './routes.js';

const route = { agent: 'dash', backups: ['maya', 'echo'] };

describe('the agent that gets a task', () => {
  it.each<[string, HealthSnapshot]>([
    ['all are healthy', new Map(['dash', 'maya', 'echo'].map((agent) => [agent, 'healthy']))],
    ['only it is healthy', new Map([...['maya', 'echo'].map((agent) => [agent, 'unhealthy'] as const)])],
    ['nothing is known', new Map()],
    ['nothing is known of it, and a back-up is healthy', new Map([['maya', 'healthy']])],
    ['none is healthy', new Map(['dash', 'maya', 'echo'].map((agent) => [agent, 'unhealthy']))],
  ])('is the owner of its type when %s', (_case, health) => {
    expect(routeOf(route, health)).toBe('dash');
  });

  it('is the first healthy back-up when the owner is not healthy', () => {
    expect(routeOf(route, new Map([['dash', 'unhealthy']]))).toBe('maya');
    expect(
      routeOf(
        route,
        new Map([
          ['dash', 'unhealthy'],
          ['maya', 'unhealthy'],
          ['echo', 'healthy'],
        ]),
      ),
    ).toBe('echo');
  });

  it('is the owner, healthy or not, where there is no back-up', () => {
    expect(routeOf({ agent: 'dash', backups: [] }, new Map([['dash', 'unhealthy']]))).toBe('dash');
  });
});
