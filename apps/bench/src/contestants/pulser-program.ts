import type { ServiceOptions } from '@pulser/harness';

import type { Machine } from './contestant.js';
import type { PulserOptions } from './pulser-options.js';

const programs = {
  gateway: { main: 'apps/gateway/dist/main.js', login: 'pulser_app' },
  router: { main: 'apps/router/dist/main.js', login: 'pulser_service' },
  worker: { main: 'apps/bench/dist/worker/main.js', login: 'pulser_service' },
} as const;

export type ProgramKind = keyof typeof programs;

/** Limits are there to be raised where one tenant is all there is; everything else is as it comes. */
export const raisedLimits = {
  RATE_LIMIT_KEY_PER_S: '1000000',
  RATE_LIMIT_KEY_BURST: '10000000',
  RATE_LIMIT_TENANT_PER_S: '1000000',
  RATE_LIMIT_TENANT_BURST: '10000000',
  QUEUE_QUOTA: '2000000000',
  DAILY_QUOTA: '2000000000',
};

export interface ExplainContext {
  readonly machine: Machine;
  /** The database of this system, as the administrator. */
  readonly databaseUrl: string;
  readonly namespace: string;
  readonly options: PulserOptions;
}

/** How the n-th program of a kind is started. */
export const pulserProgram = (kind: ProgramKind, n: number, surroundings: ExplainContext): ServiceOptions => {
  const { machine, databaseUrl, namespace, options } = surroundings;
  const { main, login } = programs[kind];
  const url = new URL(databaseUrl);
  url.username = login;
  return {
    name: `${kind}-${n}`,
    main,
    preloads: options.preloads,
    folder: machine.folder,
    variables: {
      DATABASE_URL: url.href,
      AMQP_URL: machine.amqpUrl,
      AMQP_NAMESPACE: namespace,
      ...raisedLimits,
      ...(kind === 'worker' && { CONCURRENCY: String(options.concurrency) }),
      ...options.variables,
    },
  };
};
