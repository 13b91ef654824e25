/** What a service is to the others: who may import it, what it may do on the broker, how it is scaled. */
export type ServiceKind = 'gateway' | 'router' | 'agent';

export interface ServiceRow {
  /** As in logs, metrics and compose; for an agent its name. */
  readonly name: string;
  readonly kind: ServiceKind;
  /** Port when `PORT` is not set. */
  readonly port: number;
  /** Folder of the app, from the root of the repository. */
  readonly folder: string;
  /** The npm package that exports its definition, as `definition`. */
  readonly package: string;
}

export interface AgentRow extends ServiceRow {
  readonly kind: 'agent';
  /** Task types that are its own. */
  readonly taskTypes: readonly string[];
}

const agent = (name: string, port: number, ...taskTypes: readonly string[]) =>
  ({ name, kind: 'agent', port, folder: `apps/agents/${name}`, package: `@pulser/${name}`, taskTypes }) as const;

const service = (name: 'gateway' | 'router', port: number) =>
  ({ name, kind: name, port, folder: `apps/${name}`, package: `@pulser/${name}` }) as const;

/** The services of an installation, in the order in which they start. A new agent is its folder and one row here. */
export const services: readonly (ServiceRow | AgentRow)[] = [
  service('gateway', 8_000),
  service('router', 8_001),
  agent('dash', 8_010, 'analytics'),
];
