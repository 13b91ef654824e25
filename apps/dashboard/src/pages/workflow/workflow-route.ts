import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { wholeOf } from '../../app/search.policy.js';

interface WorkflowPlace {
  /** Undefined: the latest. */
  readonly version?: number | undefined;
  /** The one that it is compared with. */
  readonly against?: number | undefined;
}

export const workflowRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/workflows/$name',
  staticData: { title: 'Workflow' },
  validateSearch: (search: Record<string, unknown>): WorkflowPlace => {
    const version = wholeOf(search['version'], 1, 999_999_999);
    const against = wholeOf(search['against'], 1, 999_999_999);
    return { ...(version !== undefined && { version }), ...(against !== undefined && { against }) };
  },
  component: lazyRouteComponent(() => import('./workflow-page.js'), 'WorkflowPage'),
});
