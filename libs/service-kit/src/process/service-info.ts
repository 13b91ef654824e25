import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { pid } from 'node:process';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Every project of the workspace carries the same version. */
export const pulserVersion = version;

/** Who this is: in heartbeats, in traces, in logs of leases. */
export class ServiceInfo {
  /** Differs between replicas and between two lives of one replica. */
  readonly instance = `${hostname()}-${pid}-${randomBytes(3).toString('hex')}`;

  constructor(
    readonly service: string,
    readonly version: string = pulserVersion,
  ) {}
}
