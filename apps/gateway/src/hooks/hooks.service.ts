// Hooks as the API shows and changes them.
import { Injectable } from '@nestjs/common';
import { type FiringRow, type HookRow, Hooks, Intake, type Refusal, TenantSecrets } from '@pulser/context-bus';
import {
  type FieldProblem,
  type FiringPage,
  type FiringQuery,
  type FiringView,
  type HookList,
  type HookName,
  type HookOrder,
  type HookView,
  HttpError,
  maxHooks,
} from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';
import { refusalToHttp } from '../tasks/submissions.service.js';

const lastOf = ({ firedAt, firedTask }: HookRow): HookView['last'] =>
  firedAt === null || firedTask === null ? null : { at: firedAt.toISOString(), task_id: firedTask };

const refusedOf = ({ refusedAt, refusedReason, refusedDetail }: HookRow): HookView['refused'] =>
  refusedAt === null || refusedReason === null
    ? null
    : { at: refusedAt.toISOString(), reason: refusedReason, detail: refusedDetail };

const hookView = (row: HookRow): HookView => ({
  name: row.name,
  revision: row.revision,
  description: row.rules.description ?? null,
  on: row.rules.on,
  task: row.task,
  map: row.rules.map,
  enabled: row.enabled,
  path: row.address === null ? null : `/api/v1/hooks/${row.address}`,
  author: row.author,
  created_at: row.createdAt.toISOString(),
  changed_at: row.changedAt.toISOString(),
  last: lastOf(row),
  refused: refusedOf(row),
});

const firingView = ({ firedAt, taskId, reason, detail }: FiringRow): FiringView => ({
  ...{ at: firedAt.toISOString(), task_id: taskId, reason, detail },
});

const touches = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`);

/** What is wrong with a payload that no mapping can put right. */
const lasting = (problems: readonly FieldProblem[], { map }: HookOrder): FieldProblem[] =>
  problems.filter(({ pointer }) =>
    map.every(({ to }) => !touches(pointer, `/payload${to}`) && !touches(`/payload${to}`, pointer)),
  );

/** Why a hook with such a task cannot be: quotas are of a moment, and what the mapping fills in is not known. */
const lastingRefusal = (refusal: Refusal, order: HookOrder): Refusal | undefined => {
  if ('retryAfterS' in refusal) return undefined;
  if (!('problems' in refusal)) return refusal;
  const problems = refusal.code === 'invalid_payload' ? lasting(refusal.problems, order) : refusal.problems;
  const within = problems.map((one) => ({ ...one, pointer: `/task${one.pointer}` }));
  return within.length === 0 ? undefined : { ...refusal, problems: within };
};

@Injectable()
export class HooksService {
  constructor(
    private readonly hooks: Hooks,
    private readonly secrets: TenantSecrets,
    private readonly intake: Intake,
  ) {}

  async list(tenantId: string): Promise<HookList> {
    return { hooks: (await this.hooks.list(tenantId)).map(hookView) };
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, name: HookName): Promise<HookView> {
    const row = await this.hooks.find(tenantId, name);
    if (row === undefined) throw notFound('hook');
    return hookView(row);
  }

  /** @throws HttpError `invalid_request`; what a submission may be refused for; `conflict` when there are too many */
  async put(
    caller: RequestCaller,
    name: HookName,
    order: HookOrder,
  ): Promise<{ readonly created: boolean; readonly hook: HookView }> {
    await this.checkSecret(caller.tenantId, order);
    const trial = await this.intake.check(caller, { submit: order.task });
    const refusal = trial.kind === 'refused' ? lastingRefusal(trial.refusal, order) : undefined;
    if (refusal !== undefined) throw refusalToHttp(refusal);
    const written = await this.hooks.write(caller, caller.actor, name, order, maxHooks);
    if (written === 'too many')
      throw new HttpError('conflict', { detail: `There are ${maxHooks} hooks already: delete one` });
    return { created: written === 'created', hook: await this.find(caller.tenantId, name) };
  }

  /** @throws HttpError `not_found`; `invalid_request` for a cursor that this API did not make */
  async firings(tenantId: string, name: HookName, { limit, cursor }: FiringQuery): Promise<FiringPage> {
    const before = startOfPage(cursor);
    const rows = await this.hooks.firings(tenantId, name, limit, before);
    if (rows.length === 0) await this.find(tenantId, name);
    return { firings: rows.map(firingView), next_cursor: nextCursor(rows, limit, ({ firingId }) => firingId) };
  }

  /** @throws HttpError `not_found` */
  async remove({ tenantId, actor }: RequestCaller, name: HookName): Promise<void> {
    if (!(await this.hooks.remove(tenantId, actor, name))) throw notFound('hook');
  }

  private async checkSecret(tenantId: string, { on }: HookOrder): Promise<void> {
    if (on.kind !== 'request') return;
    const known = await this.secrets.list(tenantId);
    if (known.some(({ name }) => name === on.secret)) return;
    const detail = 'There is no secret of this name: make it first';
    throw new HttpError('invalid_request', { errors: [{ pointer: '/on/secret', detail }] });
  }
}
