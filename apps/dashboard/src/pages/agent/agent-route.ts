import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';
import { type Range, ranges, usualRange } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';

export const times = ['run', 'wait'] as const;

export interface AgentSearch {
  readonly range?: Range | undefined;
  /** Which quantiles are drawn; undefined: those of the run time. */
  readonly time?: (typeof times)[number] | undefined;
  /** The operation whose schema and example are shown. */
  readonly operation?: string | undefined;
}

const searchOf = (search: Readonly<Record<string, unknown>>): AgentSearch => {
  const [range, time, operation] = [
    oneOf(search['range'], ranges),
    oneOf(search['time'], times),
    textOf(search['operation'], 200),
  ];
  return {
    ...(range !== undefined && range !== usualRange && { range }),
    ...(time !== undefined && time !== 'run' && { time }),
    ...(operation !== undefined && { operation }),
  };
};

export const agentRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/agents/$agent',
  staticData: { title: 'Agent' },
  validateSearch: (search: Record<string, unknown>): AgentSearch => searchOf(search),
  loaderDeps: ({ search: { range = usualRange } }) => ({ range }),
  // Asked while the files are loaded. A key of the installation has no tasks, and no figures of them.
  loader: ({ context: { client, caller }, params: { agent }, deps: { range } }) => {
    if (caller.tenant === null) return;
    void Promise.allSettled([
      client.query(telemetryQuery('health', range)),
      client.query(telemetryQuery('latency', range, { agent })),
      client.query(telemetryQuery('throughput', range, { agent })),
    ]);
  },
  component: lazyRouteComponent(() => {
    void import('../../ui/chart.js');
    return import('./agent-page.js');
  }, 'AgentPage'),
});
