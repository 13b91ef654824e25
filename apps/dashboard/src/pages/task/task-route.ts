import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const taskTabs = ['result', 'events', 'payload', 'artifacts', 'model', 'trace', 'related'] as const;
export type TaskTab = (typeof taskTabs)[number];

interface TaskPlace {
  /** Undefined: what says most about a task in its state. */
  readonly tab?: TaskTab | undefined;
  /** Of the trace: the span that is looked at. */
  readonly span?: string | undefined;
}

export const taskRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/tasks/$taskId',
  staticData: { title: 'Task' },
  validateSearch: (search: Record<string, unknown>): TaskPlace => {
    const tab = oneOf(search['tab'], taskTabs);
    const span = tab === 'trace' ? textOf(search['span'], 100) : undefined;
    return { ...(tab !== undefined && { tab }), ...(span !== undefined && { span }) };
  },
  component: lazyRouteComponent(() => import('./task-page.js'), 'TaskPage'),
});
