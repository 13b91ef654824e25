// Who changes something, as the audit trail records it.
import { keptSizes, keptText } from '@pulser/contracts';
import { statement, type TenantTransaction } from '@pulser/database';

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

/** From here on the audit trail records the changes of this transaction as made by the actor. */
export const actingAs = async (transaction: TenantTransaction, actor: Actor): Promise<void> => {
  await transaction.query(actAs, [
    JSON.stringify(actor, (_key, value: unknown) =>
      typeof value === 'string' ? keptText(value, keptSizes.name) : value,
    ),
  ]);
};
