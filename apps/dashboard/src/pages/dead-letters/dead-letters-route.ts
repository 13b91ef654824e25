import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const shownStates = ['open', 'replayed', 'discarded', 'all'] as const;
export type ShownState = (typeof shownStates)[number];

/** What narrows the dead letters; with a fingerprint, those of one cause are listed one by one. */
export interface DeadLetterSearch {
  readonly state?: ShownState | undefined;
  readonly agent?: string | undefined;
  readonly task_type?: string | undefined;
  readonly reason?: string | undefined;
  readonly fingerprint?: string | undefined;
}

const searchOf = (search: Readonly<Record<string, unknown>>): DeadLetterSearch => {
  const state = oneOf(search['state'], shownStates);
  const found: DeadLetterSearch = {
    state: state === 'open' ? undefined : state,
    agent: textOf(search['agent'], 64),
    task_type: textOf(search['task_type'], 64),
    reason: textOf(search['reason'], 64),
    fingerprint: textOf(search['fingerprint'], 16),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

export const deadLettersRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/dead-letters',
  staticData: { title: 'Dead letters', nav: { icon: 'deadLetters', group: 'work', order: 40, key: 'd' } },
  validateSearch: (search: Record<string, unknown>): DeadLetterSearch => searchOf(search),
  component: lazyRouteComponent(() => import('./dead-letters-page.js'), 'DeadLettersPage'),
});
