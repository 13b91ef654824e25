import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { withTimeLimit } from '@pulser/concurrency';
import { renamingAdvice } from '../env/former-names.js';
import { Readiness } from '../health/readiness.js';
import { createAdapter } from '../http/fastify.js';
import { createLogger, Logger } from '../log/logger.js';
import { NestLogger } from '../log/nest-logger.js';
import { Metrics } from '../metrics/metrics.js';
import { ServiceInfo } from '../service-info.js';
import { ServiceKitModule } from '../service-kit.module.js';
import { Tracer } from '../trace/tracer.js';
import { configureHttp } from './configure-http.js';
import { createTracer } from './create-tracer.js';
import { SharedResources } from './shared-resources.js';
import type { ServiceDefinition, ServiceEnv } from './service-definition.js';

export interface StartOptions<E> {
  readonly env: E;
  readonly host?: SharedResources;
}

/** A service that has started. */
export interface RunningService {
  /** Base URL of its HTTP server; missing when it does not listen. */
  readonly url?: string;
  readonly app: NestFastifyApplication;
  /**
   * Ends what runs, then lets go of everything: it says that it is not ready and listens no more; requests on open
   * connections are answered, running ones and the messages in hand are waited for, without a limit. Providers close what these still need in `onApplicationShutdown`.
   */
  readonly close: () => Promise<void>;
}

class ServiceRoot {}

type AppOptions = Pick<NestApplicationOptions, 'logger' | 'abortOnError' | 'bodyParser'>;

const createApp = async <E extends ServiceEnv>(
  definition: ServiceDefinition<E>,
  { env, host = new SharedResources() }: StartOptions<E>,
): Promise<NestFastifyApplication> => {
  const service = definition.name;
  const info = new ServiceInfo(service);
  const tracer = await createTracer(info, env, () => logger);
  const logger = createLogger({ service, level: env.LOG_LEVEL, pretty: env.LOG_PRETTY, trace: tracer });
  for (const advice of renamingAdvice(env)) logger.warn(advice);
  const kit = ServiceKitModule.forRoot({ service, env, info, logger, tracer, host });
  const imports = [kit, await definition.module(env, host)];
  const adapter = createAdapter({ trustProxy: env.TRUST_PROXY ?? [] });
  const options: AppOptions = { logger: new NestLogger(logger), abortOnError: false, bodyParser: false };
  const app = await NestFactory.create<NestFastifyApplication>({ module: ServiceRoot, imports }, adapter, options);
  configureHttp(app, adapter, env.CORS_ORIGINS ?? []);
  return app;
};

const connect = async <E extends ServiceEnv>(
  app: NestFastifyApplication,
  { configure, microservices }: ServiceDefinition<E>,
  env: E,
): Promise<void> => {
  await configure?.(app, env);
  await app.init();
  const strategy = microservices?.(app, env);
  if (strategy === undefined) return;
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
};

const listen = async (app: NestFastifyApplication, env: ServiceEnv): Promise<string | undefined> => {
  if (env.PORT === undefined) return undefined;
  await app.listen({ port: env.PORT, host: env.HOST });
  const url = await app.getUrl();
  app.get(Logger).info({ url, version: app.get(ServiceInfo).version }, 'listening');
  return url;
};

const closerOf = (app: NestFastifyApplication): (() => Promise<void>) => {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    app.get(Readiness).leave();
    await app.close();
    app.get(SharedResources).leave(app.get(Metrics));
    await app.get(Tracer).close();
  };
  return () => (closed ??= close());
};

/**
 * Starts a service in this process. It listens only when `env.PORT` is given; its transport is started before that.
 * @throws whatever kept it from starting, after everything that had been opened was closed again
 */
export const startService = async <E extends ServiceEnv>(
  definition: ServiceDefinition<E>,
  options: StartOptions<E>,
): Promise<RunningService> => {
  const app = await createApp(definition, options);
  const close = closerOf(app);
  try {
    await connect(app, definition, options.env);
    const url = await listen(app, options.env);
    return { app, close, ...(url === undefined ? {} : { url }) };
  } catch (error) {
    // What cannot be closed either was most likely never open: the first error is the one to tell.
    await withTimeLimit(close(), options.env.SHUTDOWN_TIMEOUT_S * 1_000).catch(() => undefined);
    throw error;
  }
};
