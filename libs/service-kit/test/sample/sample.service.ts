import type { ServiceDefinition } from '../../src/bootstrap/service.js';
import { BaseEnv, PublicEnv } from '../../src/env/base-env.js';
import { Env } from '../../src/env/env.js';
import { Gate } from './gate.js';
import { SampleModule } from './sample.module.js';

export class SampleEnv extends Env({ ...BaseEnv, ...PublicEnv }) {}

export const sampleService = (gate = new Gate()): ServiceDefinition<SampleEnv> => ({
  name: 'sample',
  defaultPort: 0,
  env: SampleEnv,
  module: () => SampleModule.with(gate),
});

/** A free port on the loopback, and silence. */
export const sampleEnv = (source: Record<string, string> = {}): SampleEnv =>
  SampleEnv.read({ PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', ...source });
