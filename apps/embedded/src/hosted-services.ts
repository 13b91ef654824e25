import { startable } from '@pulser/roster';
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

/** A name with hyphens as one of the language: `mcp-coordinator` is exported as `mcpCoordinator`. */
const exportOf = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/**
 * The service that the package `@pulser/<name>` exports under its name.
 * @throws Error when it exports none
 */
const serviceOf = async ({ name, folder }: (typeof startable)[number]): Promise<HostedService> => {
  const exported = (await import(`@pulser/${name}`)) as Record<string, ServiceDefinition<ServiceEnv> | undefined>;
  const definition = exported[exportOf(name)];
  if (definition?.name !== name) throw new Error(`${folder} is in the roster, but exports no service ${name}`);
  return hosted(definition);
};

/** The services of the roster in its order. Apps are imported here and nowhere else. */
export const hostedServices: readonly HostedService[] = await Promise.all(startable.map(serviceOf));
