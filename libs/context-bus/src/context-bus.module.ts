import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Database, type DatabaseSettings } from '@pulser/database';
import { Logger, ServiceInfo } from '@pulser/service-kit';

import { ApiKeys } from './access/api-keys.store.js';
import { Authenticator } from './access/authenticator.js';
import { Tenants } from './access/tenants.store.js';
import { Agents } from './agents/agents.store.js';
import { ServedTaskTypes } from './agents/served-task-types.js';
import { Artifacts } from './artifacts/artifacts.store.js';
import { DatabaseLifetime } from './connection/database-lifetime.js';
import { openDatabase } from './connection/open-database.js';
import { RelaxedDatabase } from './connection/relaxed-database.js';
import { TaskEffects } from './effects/task-effects.store.js';
import { TaskEvents } from './events/task-events.store.js';
import { TaskBacklog } from './tasks/task-backlog.store.js';
import { TaskCancel } from './tasks/task-cancel.store.js';
import { TaskIntake } from './tasks/task-intake.store.js';
import { TaskReads } from './tasks/task-reads.store.js';
import { TaskResults } from './tasks/task-results.store.js';
import { TaskSweep } from './tasks/task-sweep.store.js';
import { Telemetry } from './telemetry/telemetry.store.js';
import { Upkeep } from './upkeep/upkeep.store.js';

const stores = [
  Agents,
  ApiKeys,
  Artifacts,
  Authenticator,
  ServedTaskTypes,
  TaskBacklog,
  TaskCancel,
  TaskEffects,
  TaskEvents,
  TaskIntake,
  TaskReads,
  TaskResults,
  TaskSweep,
  Telemetry,
  Tenants,
  Upkeep,
];

export interface ContextBusOptions {
  readonly settings: DatabaseSettings;
  /** Opens a second pool for claims and renewals. */
  readonly relaxed?: boolean;
}

const inject = [Logger, ServiceInfo];

const pools = ({ settings, relaxed }: ContextBusOptions): Provider[] => [
  {
    provide: Database,
    inject,
    useFactory: (logger: Logger, info: ServiceInfo) => openDatabase(Database, 'on', settings, logger, info),
  },
  ...(relaxed === true
    ? [
        {
          provide: RelaxedDatabase,
          inject,
          useFactory: (logger: Logger, info: ServiceInfo) =>
            openDatabase(RelaxedDatabase, 'off', settings, logger, info),
        },
      ]
    : []),
];

/** PostgreSQL behind stores, one noun each. Needs ServiceKitModule. */
@Module({})
export class ContextBusModule {
  static forRoot(options: ContextBusOptions): DynamicModule {
    const providers = [...pools(options), ...stores];
    return { module: ContextBusModule, global: true, providers: [...providers, DatabaseLifetime], exports: providers };
  }
}
