import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';
import { type Range, ranges, usualRange } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import { statusQuery } from './status-query.js';

export const counts = ['completed', 'failed', 'submitted', 'retries'] as const;
export const latencies = ['run', 'wait'] as const;

export interface OverviewSearch {
  /** Undefined: the last 24 hours. */
  readonly range?: Range | undefined;
  /** What the throughput counts; undefined: completed tasks. */
  readonly count?: (typeof counts)[number] | undefined;
  /** Whose P95 is drawn; undefined: that of the run time. */
  readonly time?: (typeof latencies)[number] | undefined;
  /** Id of the task that makes the report of this overview. */
  readonly report?: string | undefined;
}

const searchOf = (search: Readonly<Record<string, unknown>>): OverviewSearch => {
  const range = oneOf(search['range'], ranges);
  const count = oneOf(search['count'], counts);
  const time = oneOf(search['time'], latencies);
  const report = textOf(search['report'], 36);
  return {
    ...(range !== undefined && range !== usualRange && { range }),
    ...(count !== undefined && count !== 'completed' && { count }),
    ...(time !== undefined && time !== 'run' && { time }),
    ...(report !== undefined && { report }),
  };
};

export const overviewRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/',
  staticData: { title: 'Overview', nav: { icon: 'overview', group: 'work', order: 0, key: 'o' } },
  validateSearch: (search: Record<string, unknown>): OverviewSearch => searchOf(search),
  beforeLoad: ({ context: { caller } }) => {
    // A key of the installation has no tasks to look at; its agents are what it is for.
    if (caller.tenant === null) throw redirect({ to: '/agents', replace: true });
  },
  loaderDeps: ({ search: { range = usualRange } }) => ({ range }),
  // What the page will ask is asked while its files are loaded, and those of its charts with its own.
  loader: ({ context: { client }, deps: { range } }) => {
    const byAgent = { group_by: 'agent' };
    void Promise.allSettled([
      client.query(statusQuery),
      client.query(telemetryQuery('health', range)),
      client.query(telemetryQuery('throughput', range, byAgent)),
      client.query(telemetryQuery('latency', range, byAgent)),
      client.query(telemetryQuery('errors', range, byAgent)),
      client.query(telemetryQuery('depth', range)),
    ]);
  },
  component: lazyRouteComponent(() => {
    void Promise.all([import('./charts.js'), import('../../ui/chart.js')]);
    return import('./overview-page.js');
  }, 'OverviewPage'),
});
