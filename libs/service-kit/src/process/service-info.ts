// The identity of a running service.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { pid } from 'node:process';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Every project of the workspace carries the same version. */
export const pulserVersion = version;

/** Name, version and instance of this service, as heartbeats, traces and leases carry them. */
export class ServiceInfo {
  /** Name of the machine or container. */
  readonly host = hostname();

  /** Unique per replica and per start. */
  readonly instance = `${this.host}-${pid}-${randomBytes(3).toString('hex')}`;

  constructor(
    readonly service: string,
    readonly version: string = pulserVersion,
  ) {}
}
