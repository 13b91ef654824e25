// Who changes something, as the audit trail records it.
import { keptSizes, keptText } from '@pulser/contracts';
import { type Database, statement, type TenantTransaction } from '@pulser/database';

/** The author of a change. */
export interface Actor {
  readonly kind: 'key' | 'person' | 'system';
  /** Id of the key, or the subject of a token; null for the system. */
  readonly id: string | null;
  readonly name: string;
  /** Network address of the request. */
  readonly origin: string | null;
  /** The request: method and route, or command. */
  readonly via: string | null;
  /** Of the session that the request came with; missing for any other request. */
  readonly sessionId?: string;
}

/** An actor outside the API: a service, or an administrator at a shell. @param via the command, if it was one */
export const systemActor = (name: string, via: string | null = null): Actor => ({
  kind: 'system',
  id: null,
  name,
  origin: null,
  via,
});

const actAs = statement('audit.act-as', `select set_config('app.actor', $1, true)`);

/** An actor as `app.actor` has it: bounded, and such that PostgreSQL can hold it. */
export const actorJson = (actor: Actor): string =>
  JSON.stringify(actor, (_key, value: unknown) =>
    typeof value === 'string' ? keptText(value, keptSizes.name) : value,
  );

/** From here on the audit trail records the changes of this transaction as made by the actor. */
export const actingAs = async (transaction: TenantTransaction, actor: Actor): Promise<void> => {
  await transaction.query(actAs, [actorJson(actor)]);
};

/** `withTenant`, for changes that the audit trail records as made by the actor. */
export const asActor = <T>(
  database: Database,
  tenantId: string,
  actor: Actor,
  work: (transaction: TenantTransaction) => Promise<T>,
): Promise<T> =>
  database.withTenant(tenantId, async (transaction) => {
    await actingAs(transaction, actor);
    return work(transaction);
  });
