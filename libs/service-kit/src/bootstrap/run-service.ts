import type { EnvSource } from '../env/process-env.js';
import { refuseDefaultSecrets } from './default-secret.policy.js';
import type { Program } from './program.js';
import { runProgram } from './run-program.js';
import type { ServiceDefinition, ServiceEnv } from './service-definition.js';
import { startService } from './service.js';

const withPort = (source: EnvSource, port: number): EnvSource =>
  source['PORT'] === undefined || source['PORT'] === '' ? { ...source, PORT: String(port) } : source;

/** A service as the program of a process: it listens to its default port when PORT is not set, and keeps no default password from others. */
export const serviceProgram = <E extends ServiceEnv>(definition: ServiceDefinition<E>): Program => ({
  name: definition.name,
  start: async (source) => {
    const env = definition.env.read(withPort(source, definition.defaultPort));
    refuseDefaultSecrets(Object.keys(definition.env.shape), source, env);
    return startService(definition, { env });
  },
});

/** All of a service's `main.ts`; see {@link runProgram} for signals and exit codes. */
export const runService = async <E extends ServiceEnv>(definition: ServiceDefinition<E>): Promise<void> =>
  runProgram(serviceProgram(definition));
