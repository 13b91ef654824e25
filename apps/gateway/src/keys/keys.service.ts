// The API keys of a tenant: their views, which ones a caller may hand out, making, rotating and revoking them.
import { Injectable } from '@nestjs/common';
import { Agents, type MadeKey, type Principal, type TenantKey, TenantKeys } from '@pulser/context-bus';
import {
  type CallerView,
  type CreateKey,
  HttpError,
  type KeyView,
  type NewKey,
  reaches,
  type TaskType,
} from '@pulser/contracts';

import type { AnyCaller, RequestCaller } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';

const time = (moment: Date | null): string | null => moment?.toISOString() ?? null;

export const keyView = (key: TenantKey): KeyView => ({
  key_id: key.keyId,
  name: key.name,
  prefix: key.prefix,
  role: key.role,
  allowed_task_types: key.allowedTaskTypes === null ? null : [...key.allowedTaskTypes],
  tools: key.tools === null ? null : [...key.tools],
  state: key.state,
  created_at: key.createdAt.toISOString(),
  expires_at: time(key.expiresAt),
  last_used_at: time(key.lastUsedAt),
  revoked_at: time(key.revokedAt),
  rotated_from: key.rotatedFrom,
});

/** With the key itself, which is shown only once. */
export const newKeyView = (made: MadeKey): NewKey => ({ ...keyView(made), key: made.key });

/** @param tenant its name; null for a key of the installation, which submits no tasks */
export const callerView = (caller: AnyCaller, tenant: string | null): CallerView => ({
  tenant,
  tenant_id: caller.tenantId ?? null,
  name: caller.name,
  key_id: caller.keyId ?? null,
  session_id: caller.sessionId ?? null,
  role: caller.role,
  allowed_task_types: typesOf(caller),
  expires_at: time(caller.expiresAt),
});

const typesOf = (caller: AnyCaller): TaskType[] | null => {
  if (caller.tenantId === undefined) return [];
  return caller.allowedTaskTypes === null ? null : [...caller.allowedTaskTypes];
};

type Rights = Pick<Principal, 'role' | 'allowedTaskTypes'>;

/** A key may not have more rights than its giver. @returns undefined when this one may be handed out */
export const grantRefusal = (giver: Rights, granted: Rights): HttpError | undefined => {
  if (!reaches(giver.role, granted.role)) {
    const detail = `A key of the role ${granted.role} may more than yours, which is ${giver.role}`;
    return new HttpError('forbidden', { detail, extensions: { needed_role: granted.role, role: giver.role } });
  }
  const { allowedTaskTypes: own } = giver;
  if (own === null || granted.allowedTaskTypes?.every((type) => own.includes(type)) === true) return undefined;
  const detail = `Your key may only submit ${own.join(', ')}: so may the keys that it makes`;
  return new HttpError('forbidden', { detail, extensions: { allowed_task_types: own } });
};

/** Makes, rotates and revokes the API keys of a tenant. */
@Injectable()
export class Keys {
  constructor(
    private readonly keys: TenantKeys,
    private readonly agents: Agents,
  ) {}

  async list(tenantId: string): Promise<KeyView[]> {
    return (await this.keys.list(tenantId)).map(keyView);
  }

  /** @throws HttpError `forbidden` when the key would have more rights than the caller; `invalid_request` for no such type */
  async create(
    caller: RequestCaller,
    { name, role, allowed_task_types, expires_in_s, tools }: CreateKey,
  ): Promise<NewKey> {
    const rights = { role, allowedTaskTypes: allowed_task_types ?? null, tools: tools ?? null };
    const grant = { name, ...rights, expiresInS: expires_in_s ?? null };
    const refusal = grantRefusal(caller, grant);
    if (refusal !== undefined) throw refusal;
    await this.requireKnown(allowed_task_types ?? []);
    return newKeyView(await this.keys.create(caller.tenantId, caller.actor, grant));
  }

  /** @param overlapS seconds until the old key ends. @throws HttpError `not_found`, `forbidden`, `conflict` */
  async rotate(caller: RequestCaller, keyId: string, overlapS: number): Promise<NewKey> {
    const refusal = grantRefusal(caller, await this.find(caller.tenantId, keyId));
    if (refusal !== undefined) throw refusal;
    const made = await this.keys.rotate(caller.tenantId, caller.actor, keyId, overlapS);
    if (made === undefined) throw new HttpError('conflict', { detail: 'The key has ended' });
    return newKeyView(made);
  }

  /** Leaves a key that has ended as it is. @throws HttpError `not_found`, `conflict` for the last administrator's */
  async revoke({ tenantId, actor }: RequestCaller, keyId: string): Promise<KeyView> {
    const revoked = await this.keys.revoke(tenantId, actor, keyId, false);
    if (revoked !== undefined) return keyView(revoked);
    const left = await this.find(tenantId, keyId);
    if (left.state !== 'active') return keyView(left);
    throw new HttpError('conflict', {
      detail: 'It is the last key of an administrator, or the others end before it: make another one first',
    });
  }

  private async requireKnown(types: readonly TaskType[]): Promise<void> {
    const unknown = await this.agents.unknownTypes(types);
    if (unknown.length === 0) return;
    const errors = unknown.map((type) => ({
      pointer: `/allowed_task_types/${types.indexOf(type)}`,
      detail: `There is no task type ${type}`,
    }));
    throw new HttpError('invalid_request', { errors });
  }

  private async find(tenantId: string, keyId: string): Promise<TenantKey> {
    const key = await this.keys.find(tenantId, keyId);
    if (key === undefined) throw notFound('key');
    return key;
  }
}
