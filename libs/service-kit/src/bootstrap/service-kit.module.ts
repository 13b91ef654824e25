// What Nest injects into every module of a service.
import { Module, type DynamicModule, type Provider } from '@nestjs/common';

import { Breakers } from '../breaker/breakers.js';
import type { BaseEnv } from '../env/base-env.js';
import { HealthController, MetricsAccess } from '../health/health.controller.js';
import { Readiness } from '../health/readiness.js';
import { createLogger, Logger } from '../log/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { ServiceInfo } from '../process/service-info.js';
import { SharedResources } from '../process/shared-resources.js';
import { Tracer } from '../trace/tracer.js';

export interface ServiceKitOptions {
  readonly service: string;
  readonly version?: string;
  readonly env: Pick<BaseEnv, 'LOG_LEVEL' | 'LOG_PRETTY'> & Partial<Pick<BaseEnv, 'METRICS_TOKEN'>>;
  readonly info?: ServiceInfo;
  readonly logger?: Logger;
  readonly tracer?: Tracer;
  readonly host?: SharedResources;
}

// An Env class is its own token; a plain object has none.
const envProviders = (env: object): Provider[] =>
  env.constructor === Object ? [] : [{ provide: env.constructor, useValue: env }];

/** Gives every module of one service its Logger, Metrics, Breakers, Readiness, Tracer, ServiceInfo, SharedResources and Env. */
@Module({})
export class ServiceKitModule {
  static forRoot(options: ServiceKitOptions): DynamicModule {
    const { service, env, host = new SharedResources(), tracer = new Tracer() } = options;
    const info = options.info ?? new ServiceInfo(service, options.version);
    const metrics = new Metrics({ process: host.isEmpty });
    host.addService({ service, metrics });
    const logger =
      options.logger ?? createLogger({ service, level: env.LOG_LEVEL, pretty: env.LOG_PRETTY, trace: tracer });
    const providers: Provider[] = [
      { provide: ServiceInfo, useValue: info },
      { provide: SharedResources, useValue: host },
      { provide: Tracer, useValue: tracer },
      { provide: Metrics, useValue: metrics },
      { provide: MetricsAccess, useValue: new MetricsAccess(env.METRICS_TOKEN) },
      { provide: Logger, useValue: logger },
      { provide: Breakers, useValue: new Breakers(logger, metrics) },
      Readiness,
      ...envProviders(env),
    ];
    return { module: ServiceKitModule, global: true, controllers: [HealthController], providers, exports: providers };
  }
}
