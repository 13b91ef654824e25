import { setTimeout as wait } from 'node:timers/promises';

const deletionMs = 300;

/**
 * A queue that is being deleted is half there for some milliseconds. Whoever binds or consumes it just then makes
 * RabbitMQ 4.3 close the whole connection (541 INTERNAL_ERROR), so what was deleted is declared again a little later.
 */
export const afterDeletion = (): Promise<void> => wait(deletionMs, undefined, { ref: false });
