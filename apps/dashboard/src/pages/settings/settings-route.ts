import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const settingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/settings',
  staticData: {
    title: 'Settings',
    nav: { icon: 'settings', group: 'admin', order: 90, key: 'c', least: 'admin', reader: 'viewer' },
  },
  component: lazyRouteComponent(() => import('./settings-page.js'), 'SettingsPage'),
});
