// Signals to tasks, and what tasks wait for.
import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import {
  DispatchPort,
  principalId,
  type SignalOutcome,
  type SignalRow,
  submissionRefusal,
  TaskSignals,
  WaitReads,
  type WaitRow,
} from '@pulser/context-bus';
import {
  type AcceptedSignal,
  HttpError,
  maxSignalBytes,
  type SignalBody,
  type TaskWait,
  type TaskWaitsView,
} from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';

const instant = (text: string): string => new Date(text).toISOString();

const waitOf = ({ name, approval, onLimit, askedAt, satisfiedAt, until, ...wait }: WaitRow): TaskWait => ({
  key: wait.key,
  kind: wait.kind,
  name,
  approval,
  children: [...wait.children],
  until: until === null ? null : instant(until),
  on_limit: onLimit,
  asked_at: instant(askedAt),
  satisfied_at: satisfiedAt === null ? null : instant(satisfiedAt),
  timed_out: wait.timedOut === true,
  is_current: wait.isCurrent,
});

const signalOf = ({ name, key, sentBy, receivedAt, takenBy }: SignalRow): TaskWaitsView['signals'][number] => ({
  name,
  key,
  sent_by: sentBy,
  received_at: instant(receivedAt),
  taken_by: takenBy,
});

const refusalOf = (outcome: Exclude<SignalOutcome, { readonly receivedAt: Date }>): HttpError => {
  switch (outcome.kind) {
    case 'no_task':
      return notFound('task');
    case 'conflict':
      return new HttpError('idempotency_conflict');
    case 'too_many':
      return new HttpError('conflict', { detail: 'The task has as many signals as it may that it has not waited for' });
    case 'ended':
      return new HttpError('conflict', { detail: 'The task has ended', extensions: { task_status: outcome.status } });
  }
};

@Injectable()
export class Waits {
  constructor(
    private readonly signals: TaskSignals,
    private readonly reads: WaitReads,
    private readonly dispatch: DispatchPort,
  ) {}

  /**
   * Keeps a signal, and wakes the task when it waits for it. Who may submit a task may send it signals.
   * @param key of idempotency; without, each call is a signal of its own
   * @throws HttpError `not_found`, `forbidden`, `payload_too_large`, `idempotency_conflict`, `conflict`
   */
  async send(
    caller: RequestCaller,
    taskId: string,
    name: string,
    body: SignalBody,
    key: string = randomUUID(),
  ): Promise<AcceptedSignal> {
    const { tenantId } = caller;
    if (Buffer.byteLength(JSON.stringify(body)) > maxSignalBytes) throw new HttpError('payload_too_large');
    const type = await this.signals.typeOf(tenantId, taskId);
    if (type === undefined) throw notFound('task');
    if (submissionRefusal(caller, type) !== undefined)
      throw new HttpError('forbidden', { detail: `This key may not send signals to tasks of the type ${type}` });
    const outcome = await this.signals.send(tenantId, taskId, { name, key, body, sentBy: principalId(caller) });
    if (!('receivedAt' in outcome)) throw refusalOf(outcome);
    if (outcome.woken.length > 0) this.dispatch.submitted(outcome.woken);
    return { name, key, received_at: outcome.receivedAt.toISOString(), woken: outcome.woken.length > 0 };
  }

  /** @throws HttpError `not_found` */
  async view(tenantId: string, taskId: string): Promise<TaskWaitsView> {
    const found = await this.reads.find(tenantId, taskId);
    if (found === undefined) throw notFound('task');
    const { waits, signals, total, awaited, open } = found;
    return { waits: waits.map(waitOf), children: { total, awaited, open }, signals: signals.map(signalOf) };
  }
}
