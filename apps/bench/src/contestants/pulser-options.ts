/** How much of Pulser runs, and how. */
export interface PulserOptions {
  readonly gateways: number;
  readonly routers: number;
  readonly workers: number;
  /** Tasks that a worker runs at the same time. */
  readonly concurrency: number;
  readonly tenants: number;
  /** Modules loaded before every program. */
  readonly preloads: readonly string[];
  /** Variables of every program, beside the usual ones. */
  readonly variables: Readonly<Record<string, string>>;
  /** Run in the database before the programs start. */
  readonly sql: readonly string[];
}

/** As Pulser is compared with others. */
export const usualPulser: PulserOptions = {
  gateways: 1,
  routers: 1,
  workers: 1,
  concurrency: 100,
  tenants: 1,
  preloads: [],
  variables: {},
  sql: [],
};
