import type { DynamicModule } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import type { BaseEnv, PublicEnv } from '../env/base-env.js';
import type { EnvReader } from '../env/env.js';
import type { SharedResources } from './shared-resources.js';

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
  /** Anything else to do with the app before it is initialised. */
  readonly configure?: (app: NestFastifyApplication, env: E) => void | Promise<void>;
}
