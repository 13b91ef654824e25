import { statement, type TenantTransaction } from '@pulser/database';

/** Whoever changes something. */
export interface Actor {
  readonly kind: 'key' | 'person' | 'system';
  /** Of the key, or the subject of a token; null for the system. */
  readonly id: string | null;
  readonly name: string;
  /** Address that the request came from. */
  readonly origin: string | null;
  /** The request: method and route, or command. */
  readonly via: string | null;
}

/** Somebody who came through no door of the API. @param via the command, if it was one */
export const systemActor = (name: string, via: string | null = null): Actor => ({
  kind: 'system',
  id: null,
  name,
  origin: null,
  via,
});

const actAs = statement('audit.act-as', `select set_config('app.actor', $1, true)`);

/** What the transaction changes from here on is this one's deed: the audit trail says so. */
export const actingAs = async (transaction: TenantTransaction, actor: Actor): Promise<void> => {
  await transaction.query(actAs, [JSON.stringify(actor)]);
};
