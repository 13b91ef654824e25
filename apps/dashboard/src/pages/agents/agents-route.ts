import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';
import { type Range, ranges, usualRange } from '../../telemetry/range.policy.js';

export const agentStates = ['up', 'degraded', 'unhealthy', 'silent', 'paused'] as const;

/** What narrows the agents, and the time of their figures. */
export interface AgentsSearch {
  /** In the name of the agent or of one of its task types. */
  readonly q?: string | undefined;
  readonly state?: (typeof agentStates)[number] | undefined;
  readonly range?: Range | undefined;
}

const searchOf = (search: Readonly<Record<string, unknown>>): AgentsSearch => {
  const [q, state, range] = [
    textOf(search['q'], 64),
    oneOf(search['state'], agentStates),
    oneOf(search['range'], ranges),
  ];
  return {
    ...(q !== undefined && { q }),
    ...(state !== undefined && { state }),
    ...(range !== undefined && range !== usualRange && { range }),
  };
};

export const agentsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/agents',
  staticData: { title: 'Agents', nav: { icon: 'agents', group: 'work', order: 50, key: 'a', scope: 'both' } },
  validateSearch: (search: Record<string, unknown>): AgentsSearch => searchOf(search),
  component: lazyRouteComponent(() => import('./agents-page.js'), 'AgentsPage'),
});
