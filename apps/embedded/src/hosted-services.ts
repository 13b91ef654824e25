import { dash } from '@pulser/dash';
import { gateway } from '@pulser/gateway';
import { startable } from '@pulser/roster';
import { router } from '@pulser/router';
import {
  type DocumentedEnv,
  type EnvSource,
  type RunningService,
  type ServiceDefinition,
  type ServiceEnv,
  type SharedResources,
  startService,
} from '@pulser/service-kit';

/** A service of the roster that this process can run. */
export interface HostedService {
  readonly name: string;
  /** PORT of a process of its own when the variable is not set. */
  readonly defaultPort: number;
  readonly env: DocumentedEnv['env'];
  /** @param source its environment. @param host what it shares with the others of the process */
  readonly start: (source: EnvSource, host: SharedResources) => Promise<RunningService>;
}

const hosted = <E extends ServiceEnv>(definition: ServiceDefinition<E>): HostedService => ({
  name: definition.name,
  defaultPort: definition.defaultPort,
  env: definition.env,
  start: (source, host) => startService(definition, { env: definition.env.read(source), host }),
});

/** The apps are imported here and nowhere else, statically; a spec compares them with the roster. */
export const definitions = [hosted(gateway), hosted(router), hosted(dash)];

/** The services of the roster in its order. */
export const hostedServices: readonly HostedService[] = startable.map(({ name, folder }) => {
  const definition = definitions.find((one) => one.name === name);
  if (definition === undefined)
    throw new Error(`${folder} is in the roster, but hosted-services.ts does not import it`);
  return definition;
});
