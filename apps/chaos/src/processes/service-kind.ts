/** The programs of a run, and with which login each works. */
export const serviceKinds = {
  gateway: { main: 'apps/gateway/dist/main.js', login: 'pulser_app' },
  router: { main: 'apps/router/dist/main.js', login: 'pulser_service' },
  worker: { main: 'apps/chaos/dist/worker/main.js', login: 'pulser_service' },
} as const;

export type ServiceKind = keyof typeof serviceKinds;
