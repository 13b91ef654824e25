// A service: how it is defined, how it starts in this process, and how it closes.
import { setTimeout as pause } from 'node:timers/promises';

import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { withTimeLimit } from '@pulser/concurrency';
import type { BaseEnv, PublicEnv } from '../env/base-env.js';
import { type EnvReader, type EnvSource, renamingAdvice, withFiles } from '../env/env.js';
import { Readiness } from '../health/readiness.js';
import { answerEarly, EarlyAnswers, type EarlyHandler } from '../http/early.js';
import { AllowedMethods, ProblemFilter } from '../http/problems.js';
import { checkHeads, HttpMeter, measureHttp, readBodies, traceHttp, validationPipe } from '../http/requests.js';
import { createAdapter, OpenAnswers, releaseConnections, sendSecurityHeaders } from '../http/server.js';
import { createLogger, Logger, NestLogger } from '../log/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { ServiceInfo } from '../process/service-info.js';
import { SharedResources } from '../process/shared-resources.js';
import { createTracer, Tracer } from '../trace/tracer.js';
import { refuseDefaultSecrets } from './default-secret.policy.js';
import { runProgram, shutdownLimitMs, type StartProgram } from './program.js';
import { ServiceKitModule } from './service-kit.module.js';

/** The variables a service must have, and those that it may have. */
export type ServiceEnv = BaseEnv & Partial<PublicEnv>;

/** All that differs between services, for `main.ts`, embedded mode and tests alike. */
export interface ServiceDefinition<E extends ServiceEnv> {
  readonly name: string;
  /** PORT of a process of its own when the variable is not set. */
  readonly defaultPort: number;
  readonly env: EnvReader<E>;
  readonly module: (env: E, host: SharedResources) => DynamicModule | Promise<DynamicModule>;
  /** The transport whose messages the service's consumers get; started before the service listens to HTTP. */
  readonly microservices?: (app: NestFastifyApplication, env: E) => CustomTransportStrategy | undefined;
  /** What answers before Fastify, if anything does. */
  readonly early?: (app: NestFastifyApplication, answers: EarlyAnswers, env: E) => EarlyHandler | undefined;
  /** Anything else to do with the app before it is initialised. */
  readonly configure?: (app: NestFastifyApplication, env: E) => void | Promise<void>;
}

/** All of a service's `main.ts`; see {@link runProgram} for signals and exit codes. */
export const runService = async <E extends ServiceEnv>(definition: ServiceDefinition<E>): Promise<void> =>
  runProgram(definition.name, serviceProgram(definition));

/**
 * Starts a service as the only one of its process: it listens to its default port when PORT is not set.
 * @throws ConfigError (on start) for a wrong variable, or a default password where other machines reach the service
 */
export const serviceProgram =
  <E extends ServiceEnv>(definition: ServiceDefinition<E>): StartProgram =>
  async (source) => {
    const names = Object.keys(definition.env.shape);
    const values = withFiles(names, withPort(source, definition.defaultPort));
    const env = definition.env.read(values);
    refuseDefaultSecrets(names, values, env);
    return startService(definition, { env });
  };

const withPort = (source: EnvSource, port: number): EnvSource =>
  source['PORT'] === undefined || source['PORT'] === '' ? { ...source, PORT: String(port) } : source;

export interface StartOptions<E> {
  readonly env: E;
  /** Given when several services live in this process. */
  readonly host?: SharedResources;
}

/** A service that has started. */
export interface RunningService {
  /** Base URL of its HTTP server; missing when it does not listen. */
  readonly url?: string;
  readonly app: NestFastifyApplication;
  /**
   * Drains the service: it reports not ready and, after SHUTDOWN_DELAY_S, accepts no connection; requests on open
   * connections are answered;
   * running requests and messages in hand are waited for, without a limit. Providers that these still need close in
   * `onApplicationShutdown`. Calling it again returns the same promise.
   */
  readonly close: () => Promise<void>;
}

/**
 * Starts a service in this process. It listens only when `env.PORT` is given; its transport is started before that.
 * @throws the error that kept it from starting, after everything that had been opened was closed again
 */
export const startService = async <E extends ServiceEnv>(
  definition: ServiceDefinition<E>,
  options: StartOptions<E>,
): Promise<RunningService> => {
  const app = await createApp(definition, options);
  const close = closerOf(app, options.env);
  try {
    await connect(app, definition, options.env);
    const url = await listen(app, options.env);
    return { app, close, ...(url === undefined ? {} : { url }) };
  } catch (error) {
    // A failure to close is a consequence of the first error, which is the one to report.
    await withTimeLimit(close(), shutdownLimitMs(options.env)).catch(() => undefined);
    throw error;
  }
};

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
  const answers = configureHttp(app, adapter, env);
  const handler = definition.early?.(app, answers, env);
  if (handler !== undefined) answerEarly(adapter.getInstance(), handler);
  return app;
};

const exposedHeaders = [
  ...['content-range', 'etag', 'idempotent-replayed', 'location', 'retry-after', 'traceparent'],
  ...['upload-complete', 'upload-offset'],
];

/** What every service does with HTTP, for an app that is not initialised yet. */
const configureHttp = (
  app: NestFastifyApplication,
  adapter: FastifyAdapter,
  { CORS_ORIGINS: origins = [], TRUST_PROXY: trustProxy = [] }: ServiceEnv,
): EarlyAnswers => {
  const server = adapter.getInstance();
  const [tracer, meter, open] = [app.get(Tracer), new HttpMeter(app.get(Metrics)), new OpenAnswers()];
  const problems = new ProblemFilter(adapter, new AllowedMethods(server), app.get(Logger), app.get(Metrics));
  traceHttp(server, tracer);
  releaseConnections(server, open);
  measureHttp(server, meter);
  sendSecurityHeaders(adapter);
  checkHeads(server);
  readBodies(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(problems);
  if (origins.length > 0) app.enableCors({ origin: [...origins], exposedHeaders, maxAge: 600 });
  return new EarlyAnswers(trustProxy, tracer, meter, open, problems);
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

const closerOf = (app: NestFastifyApplication, { SHUTDOWN_DELAY_S }: ServiceEnv): (() => Promise<void>) => {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    app.get(Readiness).leave();
    if (SHUTDOWN_DELAY_S > 0) await pause(SHUTDOWN_DELAY_S * 1_000);
    await app.close();
    app.get(SharedResources).removeService(app.get(Metrics));
    await app.get(Tracer).close();
  };
  return () => (closed ??= close());
};
