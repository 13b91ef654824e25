import type { Servers } from '@pulser/harness';

import type { AmqpProducer } from '../load/amqp-producer.js';
import type { HttpClient } from '../load/http-client.js';
import type { Load } from '../load/load.js';
import type { Fleet } from '../processes/fleet.js';
import type { Rows } from '../rows/rows.js';

/** All that a fault may break, and what it may ask. */
export interface World {
  readonly servers: Servers;
  readonly fleet: Fleet;
  readonly load: Load;
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly rows: Rows;
  /** Where processes write down the crash points at which they died. */
  readonly diary: string;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}
