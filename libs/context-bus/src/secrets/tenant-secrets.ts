// Secrets of tenants: values that tasks and services use by name, and that nothing shows.
import { Injectable } from '@nestjs/common';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { type SealedSecret, type SecretBinding, SecretCipher, SecretUnreadable } from './secret-cipher.js';

/** What is shown of a secret. */
export interface SecretRow {
  readonly name: string;
  /** Counts from 1 since the secret was made. */
  readonly version: number;
  readonly keyId: string;
  readonly hosts: readonly unknown[];
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** A secret with its value. Never to be logged, stored or shown. */
export interface SecretValue {
  readonly value: string;
  /** Where tasks may send it, as the contract of the API has it. */
  readonly hosts: readonly unknown[];
}

export interface SecretOrder {
  readonly name: string;
  readonly value: string;
  readonly hosts: readonly unknown[];
}

/** This service has no SECRETS_KEY. */
export class SecretsNotConfigured extends Error {
  constructor() {
    super('SECRETS_KEY is not set for this service: secrets can be neither stored nor used');
    this.name = 'SecretsNotConfigured';
  }
}

const shown = `name, version::int, key_id as "keyId", hosts, updated_at as "updatedAt", updated_by as "updatedBy"`;

const list = statement(
  'secrets.list',
  `select ${shown} from tenant_secret where tenant_id = (select pulser.tenant_id()) order by name`,
);

const read = statement(
  'secrets.read',
  `select version::int, hosts, ciphertext, nonce, key_id as "keyId"
   from tenant_secret where tenant_id = (select pulser.tenant_id()) and name = $1`,
);

const readAll = statement(
  'secrets.read-all',
  `select name, version::int, hosts, ciphertext, nonce, key_id as "keyId"
   from tenant_secret where tenant_id = (select pulser.tenant_id()) and starts_with(name, $1)`,
);

// Writers of one name take turns: the version that is encrypted is the one that is written. A statement of its own, because
// the next one must see what was committed before the turn came.
const takeTurn = statement(
  'secrets.take-turn',
  `select pg_advisory_xact_lock(hashtextextended((select pulser.tenant_id())::text || '/' || $1, 21))`,
);

const versionOf = statement(
  'secrets.version-of',
  'select version::int from tenant_secret where tenant_id = (select pulser.tenant_id()) and name = $1',
);

const put = statement(
  'secrets.put',
  `insert into tenant_secret as s (tenant_id, name, version, ciphertext, nonce, key_id, hosts, updated_by)
   values ((select pulser.tenant_id()), $1, $2, $3, $4, $5, $6::jsonb, $7)
   on conflict (tenant_id, name) do update set version = excluded.version, ciphertext = excluded.ciphertext,
     nonce = excluded.nonce, key_id = excluded.key_id, hosts = excluded.hosts, updated_at = clock_timestamp(),
     updated_by = excluded.updated_by
   returning ${shown}`,
);

const remove = statement(
  'secrets.remove',
  'delete from tenant_secret where tenant_id = (select pulser.tenant_id()) and name = $1 returning name',
);

const ofOtherKeys = statement(
  'secrets.of-other-keys',
  `select tenant_id as "tenantId", name, version::int, hosts, ciphertext, nonce, key_id as "keyId" from tenant_secret
   where key_id <> $1 and (tenant_id, name) > ($2, $3) order by tenant_id, name limit $4`,
);

// Nothing of the row is changed but how it is encrypted, and only if it is still the one that was read.
const reseal = statement(
  'secrets.reseal',
  `update tenant_secret set ciphertext = $4, nonce = $5, key_id = $6
   where tenant_id = $1 and name = $2 and nonce = $3 returning name`,
);

type SealedRow = SecretBinding & SealedSecret;

/** How many secrets were brought to the first key, and those that no key decrypts. */
export interface Rotation {
  readonly resealed: number;
  readonly unreadable: readonly { readonly tenantId: string; readonly name: string; readonly keyId: string }[];
}

const pageSize = 100;

const beforeAll = '00000000-0000-0000-0000-000000000000';

/** The secrets of one tenant at a time; `rotate` those of all. */
@Injectable()
export class TenantSecrets {
  constructor(
    private readonly database: Database,
    private readonly cipher: SecretCipher,
  ) {}

  /** By name. */
  list(tenantId: string): Promise<SecretRow[]> {
    return this.database.queryAs<SecretRow>(tenantId, list);
  }

  /**
   * The value, for a service that uses it or hands it to a task. It must be in no log, error, event or row.
   * @returns undefined when there is none @throws SecretsNotConfigured, SecretUnreadable
   */
  async read(tenantId: string, name: string): Promise<SecretValue | undefined> {
    this.requireKey();
    const [row] = await this.database.queryAs<Omit<SealedRow, 'tenantId' | 'name'>>(tenantId, read, [name]);
    if (row === undefined) return undefined;
    const binding = { tenantId, name, version: row.version, hosts: row.hosts };
    return { value: this.cipher.open(row, binding), hosts: row.hosts as readonly unknown[] };
  }

  /**
   * The values of all secrets whose names begin so, by name: see `read`.
   * @throws SecretsNotConfigured when there is one, and no key; SecretUnreadable
   */
  async readAll(tenantId: string, prefix: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.queryAs<Omit<SealedRow, 'tenantId'>>(tenantId, readAll, [prefix]);
    if (rows.length > 0) this.requireKey();
    return new Map(rows.map((row) => [row.name, this.cipher.open(row, { ...row, tenantId })]));
  }

  /** Makes or replaces a secret, with the hosts that it may be sent to. @throws SecretsNotConfigured */
  async put(tenantId: string, actor: Actor, { name, value, hosts }: SecretOrder): Promise<SecretRow> {
    this.requireKey();
    return this.change(tenantId, actor, async (transaction) => {
      await transaction.query(takeTurn, [name]);
      const [known] = await transaction.query<{ version: number }>(versionOf, [name]);
      const version = (known?.version ?? 0) + 1;
      const { ciphertext, nonce, keyId } = this.cipher.seal(value, { tenantId, name, version, hosts });
      const values = [name, version, ciphertext, nonce, keyId, JSON.stringify(hosts), actor.name];
      const [row] = await transaction.query<SecretRow>(put, values);
      if (row === undefined) throw new Error('An upsert returned no row');
      return row;
    });
  }

  /** @returns false when there was none */
  async remove(tenantId: string, actor: Actor, name: string): Promise<boolean> {
    const rows = await this.change(tenantId, actor, (transaction) => transaction.query(remove, [name]));
    return rows.length === 1;
  }

  /**
   * Encrypts every secret of every tenant with the first key that is encrypted with another. Needs the service role; may
   * run beside services that write. @throws SecretsNotConfigured
   */
  async rotate(): Promise<Rotation> {
    const keyId = this.requireKey();
    const unreadable: Rotation['unreadable'][number][] = [];
    let resealed = 0;
    let after: readonly [string, string] = [beforeAll, ''];
    for (;;) {
      const rows = await this.database.query<SealedRow>(ofOtherKeys, [keyId, ...after, pageSize]);
      for (const row of rows) {
        const done = await this.reseal(row);
        if (done === undefined) unreadable.push({ tenantId: row.tenantId, name: row.name, keyId: row.keyId });
        else resealed += done;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) return { resealed, unreadable };
      after = [last.tenantId, last.name];
    }
  }

  /** @returns 0 when it was changed meanwhile, and so has the first key; undefined when no key decrypts it */
  private async reseal(row: SealedRow): Promise<number | undefined> {
    const { tenantId, name } = row;
    try {
      const { ciphertext, nonce, keyId } = this.cipher.seal(this.cipher.open(row, row), row);
      return (await this.database.query(reseal, [tenantId, name, row.nonce, ciphertext, nonce, keyId])).length;
    } catch (error) {
      if (error instanceof SecretUnreadable) return undefined;
      throw error;
    }
  }

  private requireKey(): string {
    const { keyId } = this.cipher;
    if (keyId === undefined) throw new SecretsNotConfigured();
    return keyId;
  }

  private change<T>(tenantId: string, actor: Actor, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return asActor(this.database, tenantId, actor, work);
  }
}
