// Signed requests that fire hooks: Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks
import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';
import {
  authorPrincipal,
  authorRefusal,
  type CalledHook,
  hookOrderOf,
  type HookRef,
  Hooks,
  lostTexts,
  mapped,
  type Outcome,
  type Principal,
  RateLimits,
  SecretsNotConfigured,
  type SecretValue,
  TenantSecrets,
} from '@pulser/context-bus';
import {
  type AcceptedHook,
  hookAddress,
  type HookBody,
  type HookOrder,
  type HookRefusalReason,
  HttpError,
  isIdempotencyKey,
  maxHookAgeS,
  type SubmitTask,
} from '@pulser/contracts';
import { isSignedBy } from '@pulser/notify/webhook';
import { Tracer } from '@pulser/service-kit';

import { rateLimitRefusal } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';
import { refusalToHttp, Submissions } from '../tasks/submissions.service.js';

/** A call as it came. */
export interface HookCall {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: HookBody;
}

/** What the headers of a call say. */
interface Signed {
  readonly id: string;
  readonly timestampS: number;
  readonly signatures: string;
}

const unsigned = (detail: string): HttpError => new HttpError('unauthenticated', { detail });

/** @throws HttpError `unauthenticated` for a call that is not signed, or that may be a replay */
const signedOf = (headers: IncomingHttpHeaders, nowS: number): Signed => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!isIdempotencyKey(id) || typeof signatures !== 'string' || typeof timestamp !== 'string')
    throw unsigned('Send the headers webhook-id, webhook-timestamp and webhook-signature');
  const timestampS = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
  if (!(Math.abs(nowS - timestampS) <= maxHookAgeS))
    throw unsigned(
      `The header webhook-timestamp is no time of the last ${maxHookAgeS / 60} minutes, in seconds since 1970`,
    );
  return { id, timestampS, signatures };
};

@Injectable()
export class HookCalls {
  constructor(
    private readonly hooks: Hooks,
    private readonly secrets: TenantSecrets,
    private readonly limits: RateLimits,
    private readonly submissions: Submissions,
    private readonly tracer: Tracer,
  ) {}

  /**
   * Fires a hook, once for each id of a delivery.
   * @throws HttpError `not_found`; `unauthenticated`; `too_many_requests`; `conflict` while it is disabled; `forbidden` when its
   * author may not submit the task any more; `invalid_payload` for a body that has nothing where the mapping reads; what a
   * submission may be refused for
   */
  async call(address: string, call: HookCall): Promise<AcceptedHook> {
    const hook = await this.found(address);
    const order = hookOrderOf(hook);
    const signed = await this.verified(hook, order, call);
    await this.limited(hook);
    if (!hook.enabled) throw new HttpError('conflict', { detail: 'The hook is disabled' });
    if (hook.lost !== null)
      return this.refuse(hook, 'rights', new HttpError('forbidden', { detail: lostTexts[hook.lost] }));
    const filled = mapped(order.task.payload, order.map, call.body);
    if (filled.kind === 'missing')
      return this.refuse(hook, 'body', nothingAt(filled.pointers), bodyText(filled.pointers));
    return this.submit(hook, { ...order.task, payload: filled.payload }, signed.id);
  }

  private async found(address: string): Promise<CalledHook> {
    const ref = hookAddress.test(address) ? await this.hooks.byAddress(address) : undefined;
    const hook = ref && (await this.hooks.called(ref));
    if (hook === undefined) throw notFound('hook');
    this.tracer.workFor(hook.tenantId);
    return hook;
  }

  private async verified(hook: CalledHook, { on }: HookOrder, { headers, bytes }: HookCall): Promise<Signed> {
    const signed = signedOf(headers, Date.now() / 1_000);
    if (on.kind !== 'request') throw notFound('hook');
    const stored = await this.secretOf(hook, on.secret);
    if (stored === undefined) await this.hooks.noteRefused(hook, 'secret', `There is no secret ${on.secret}`);
    if (stored === undefined || !isSignedBy({ ...signed, body: bytes, secret: stored.value }, signed.signatures))
      throw unsigned('The header webhook-signature has no signature of this request');
    return signed;
  }

  private secretOf({ tenantId }: HookRef, name: string): Promise<SecretValue | undefined> {
    return this.secrets.read(tenantId, name).catch((error: unknown) => {
      throw error instanceof SecretsNotConfigured ? new HttpError('secrets_not_configured') : error;
    });
  }

  private async limited({ tenantId, hookId }: HookRef): Promise<void> {
    const refusal = rateLimitRefusal(await this.limits.use(tenantId, hookId));
    if (refusal !== undefined) throw refusal;
  }

  private async submit(hook: CalledHook, submit: SubmitTask, deliveryId: string): Promise<AcceptedHook> {
    const principal: Principal = authorPrincipal(hook);
    // No key of a client has a space.
    const order = { submit, hooks: [hook.hookId], idempotencyKey: `hook ${hook.hookId} ${deliveryId}` };
    const [outcome] = await this.submissions.submitAll(principal, [order]);
    return outcome === undefined ? missing() : this.answer(hook, outcome);
  }

  /** The same delivery is the same task, also when the hook was changed in between. */
  private async answer(hook: CalledHook, outcome: Outcome): Promise<AcceptedHook> {
    if (outcome.kind === 'refused') {
      const { reason, detail } = authorRefusal(outcome.refusal);
      return this.refuse(hook, reason, refusalToHttp(outcome.refusal), detail);
    }
    const repeated = outcome.kind !== 'created';
    if (!repeated) await this.hooks.noteFired(hook, outcome.taskId);
    return { task_id: outcome.taskId, repeated };
  }

  private async refuse(
    hook: HookRef,
    reason: HookRefusalReason,
    error: HttpError,
    detail = error.message,
  ): Promise<never> {
    await this.hooks.noteRefused(hook, reason, detail);
    throw error;
  }
}

const bodyText = (pointers: readonly string[]): string => `The body has nothing at ${pointers.join(', ')}`;

const nothingAt = (pointers: readonly string[]): HttpError =>
  new HttpError('invalid_payload', {
    detail: bodyText(pointers),
    errors: pointers.map((pointer) => ({ pointer, detail: 'The hook needs it' })),
  });

const missing = (): never => {
  throw new Error('An order has no outcome');
};
