// Who calls: what a message says is believed only as far as the broker and the database confirm it.
import { Injectable } from '@nestjs/common';
import { type CallingTask, type KeyRights, submitterRole, TenantSettings, ToolCallers } from '@pulser/context-bus';
import { reaches, type RoleName, type ToolCaller, type ToolPattern } from '@pulser/contracts';
import { agentOfUser, Broker, installationOfUser, roleOfUser } from '@pulser/messaging';

import { CallFailure } from './call-failure.js';
import { LastKnown } from './last-known.js';
import { type AgentCaller, type Caller, patternsOfPerson, type PrincipalCaller } from './view.policy.js';

/** Milliseconds for which a claim, a key or a setting counts as it was read. A write is fenced once more, by the row itself. */
const cacheMs = 750;

/** What the broker says of whoever sent a message. */
type Sender =
  | { readonly kind: 'worker'; readonly agent: string }
  | { readonly kind: 'gateway' }
  /** Every service is the same user here. */
  | { readonly kind: 'anyone' }
  | { readonly kind: 'other' };

/** @param own the user that this service is to the broker */
export const senderOf = (user: string | undefined, own: string): Sender => {
  if (user === undefined || installationOfUser(user) !== installationOfUser(own)) return { kind: 'other' };
  const agent = agentOfUser(user);
  if (agent !== undefined) return { kind: 'worker', agent };
  if (roleOfUser(user) === 'gateway') return { kind: 'gateway' };
  return user === own && roleOfUser(user) !== 'mcp-coordinator' ? { kind: 'anyone' } : { kind: 'other' };
};

const refused = (message: string): CallFailure => new CallFailure('not_allowed', message);

@Injectable()
export class Callers {
  private readonly tasks = new LastKnown<CallingTask | undefined>(cacheMs);
  private readonly keys = new LastKnown<KeyRights | undefined>(cacheMs);
  private readonly personTools = new LastKnown<unknown>(cacheMs);

  constructor(
    private readonly callers: ToolCallers,
    private readonly settings: TenantSettings,
    private readonly broker: Broker,
  ) {}

  /** @param user who the broker says has sent the message @throws CallFailure `not_allowed`; DatabaseUnavailable */
  of(claimed: ToolCaller, user: string | undefined): Promise<Caller> {
    const sender = senderOf(user, this.broker.user);
    switch (claimed.kind) {
      case 'task':
        return this.taskOf(claimed, sender);
      case 'principal':
        return this.principalOf(claimed, sender);
    }
  }

  private async taskOf(
    { tenant_id: tenantId, task_id: taskId, epoch }: Extract<ToolCaller, { kind: 'task' }>,
    sender: Sender,
  ): Promise<AgentCaller> {
    if (sender.kind !== 'worker' && sender.kind !== 'anyone') throw refused('Only workers call for tasks');
    const key = `${tenantId} ${taskId} ${epoch}`;
    const task = await this.tasks.get(key, () => this.callers.task(tenantId, taskId, epoch));
    if (task === undefined) throw refused('The task is not with the caller, or no longer');
    if (sender.kind === 'worker' && sender.agent !== task.agent) throw refused('The task is with another agent');
    return { kind: 'task', tenantId, taskId, epoch, agent: task.agent };
  }

  private async principalOf(
    { tenant_id: tenantId, key_id: keyId, name, role }: Extract<ToolCaller, { kind: 'principal' }>,
    sender: Sender,
  ): Promise<PrincipalCaller> {
    if (sender.kind !== 'gateway' && sender.kind !== 'anyone') throw refused('Only gateways call for keys and persons');
    if (keyId !== null) return this.keyHolder(tenantId, keyId);
    const patterns = await this.patternsOf(tenantId, role);
    return { kind: 'principal', tenantId, id: name, name, mayAct: reaches(role, submitterRole), patterns };
  }

  private async patternsOf(tenantId: string, role: RoleName): Promise<readonly ToolPattern[] | null> {
    const named = await this.personTools.get(
      tenantId,
      async () => (await this.settings.find(tenantId, 'person-tools'))?.value,
    );
    return patternsOfPerson(role, named);
  }

  /** @throws CallFailure `not_allowed` for whoever is no gateway */
  requireGateway(user: string | undefined): void {
    const { kind } = senderOf(user, this.broker.user);
    if (kind !== 'gateway' && kind !== 'anyone') throw refused('Only gateways ask that');
  }

  /** @throws CallFailure `not_allowed` for a key that is not valid (any more); DatabaseUnavailable */
  async keyHolder(tenantId: string, keyId: string): Promise<PrincipalCaller> {
    const rights = await this.keys.get(`${tenantId} ${keyId}`, () => this.callers.key(tenantId, keyId));
    if (rights === undefined) throw refused('The key is not valid any more');
    const { name, role, tools } = rights;
    const mayAct = reaches(role, submitterRole);
    return { kind: 'principal', tenantId, id: keyId, name, mayAct, patterns: tools };
  }
}
