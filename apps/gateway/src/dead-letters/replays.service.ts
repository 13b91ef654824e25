import { Injectable } from '@nestjs/common';
import {
  DeadLetterSettled,
  type Order,
  type ReplayableTask,
  ReplayableTasks,
  settlingReplays,
  submissionRefusal,
  TaskTypes,
} from '@pulser/context-bus';
import { type Replayed, type ReplayEdit, type ReplayMany, type SubmitTask, type TaskType } from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { type Submission, Submissions } from '../tasks/submissions.service.js';
import { DeadLetters } from './dead-letters.service.js';
import { replayOrder } from './replay-order.policy.js';

/** Submits one dead letter again, as it was or edited. */
@Injectable()
export class Replays {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly submissions: Submissions,
  ) {}

  /**
   * An accepted task is committed together with the state of the dead letter.
   * @throws HttpError `not_found`; `conflict` when the dead letter is not open; `invalid_request` for a wrong edit; what
   * any submission may be refused for
   */
  async replay(caller: RequestCaller, deadLetterId: string, edit: ReplayEdit): Promise<Submission> {
    const { tenantId, actor } = caller;
    const deadLetter = await this.deadLetters.findOpen(tenantId, deadLetterId);
    const { task, edits, idempotencyKey } = replayOrder(deadLetter, edit);
    const order = { submit: task, idempotencyKey, replayOf: deadLetter.taskId ?? undefined };
    try {
      return await this.submissions.submit(caller, order, settlingReplays([{ deadLetterId, edits }], actor));
    } catch (error) {
      // Another request was faster: this throws the conflict that says what became of the dead letter.
      if (error instanceof DeadLetterSettled) await this.deadLetters.findOpen(tenantId, deadLetterId);
      throw error;
    }
  }
}

/** Tasks of one commit. Their payloads are in memory together. */
const pageSize = 100;
/** Pages that are tried again because another request settled one of their dead letters meanwhile. */
const maxLostRaces = 5;

/** A dead letter's task as it was, to start at its place of the rate. */
const orderOf = (task: ReplayableTask, place: number, ratePerS: number | undefined): Order => {
  const submit: SubmitTask = {
    task_type: task.taskType,
    priority: task.priority,
    payload: { ...task.payload },
    ...(task.metadata !== null && { metadata: { ...task.metadata } }),
    ...(task.deadlineS !== null && { deadline_s: task.deadlineS }),
    ...(ratePerS !== undefined && { run_at: new Date(task.now.getTime() + (place / ratePerS) * 1_000).toISOString() }),
  };
  return { submit, replayOf: task.taskId };
};

/** What one page of a replay came to. */
interface Page {
  readonly replayed: number;
  readonly unfit: number;
  /** The tenant's quotas have no room for more. */
  readonly isFull: boolean;
}

/** Submits many failed tasks again, as they were, page by page until the limit, the quota or the end. */
@Injectable()
export class ManyReplays {
  constructor(
    private readonly tasks: ReplayableTasks,
    private readonly types: TaskTypes,
    private readonly submissions: Submissions,
  ) {}

  /** Only tasks of types that are served and that the caller may submit; the others are counted as skipped. */
  async replay(caller: RequestCaller, { filter, rate_per_s, limit }: ReplayMany): Promise<Replayed> {
    const { tenantId } = caller;
    const types = await this.typesFor(caller);
    const total = { replayed: 0, unfit: 0, lostRaces: 0 };
    let last: string | undefined;
    while (total.replayed < limit) {
      const wanted = { filter, types, limit: Math.min(pageSize, limit - total.replayed) };
      const found = await this.tasks.after(tenantId, last, wanted);
      const page = await this.submit(caller, found.map((task, n) => [task, orderOf(task, total.replayed + n + 1, rate_per_s)]));
      if (page === undefined && ++total.lostRaces <= maxLostRaces) continue;
      if (page === undefined) break;
      total.replayed += page.replayed;
      total.unfit += page.unfit;
      last = found.at(-1)?.deadLetterId;
      if (page.isFull || found.length < wanted.limit) break;
    }
    const left = await this.tasks.left(tenantId, filter, types);
    return { replayed: total.replayed, remaining: left.remaining - total.unfit, skipped: left.skipped + total.unfit };
  }

  /** @returns undefined when another request settled one of the dead letters first: none of the tasks was created */
  private async submit(caller: RequestCaller, page: readonly (readonly [ReplayableTask, Order])[]): Promise<Page | undefined> {
    try {
      // The intake commits what it does not refuse, in this order: what is settled alongside follows it by the task.
      const byTask = new Map(page.map(([{ taskId, deadLetterId }]) => [taskId, { deadLetterId, edits: {} }]));
      const outcomes = await this.submissions.submitAll(caller, page.map(([, order]) => order), (transaction, accepted, tasks) =>
        settlingReplays(tasks.flatMap(({ replay_of }) => byTask.get(replay_of ?? '') ?? []), caller.actor)(transaction, accepted, tasks),
      );
      const refusals = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.refusal.code] : []));
      const unfit = refusals.filter((code) => code === 'invalid_payload').length;
      return { replayed: outcomes.length - refusals.length, unfit, isFull: refusals.length > unfit };
    } catch (error) {
      if (error instanceof DeadLetterSettled) return undefined;
      throw error;
    }
  }

  private async typesFor(caller: RequestCaller): Promise<TaskType[]> {
    const table = await this.types.current();
    return [...table.keys()].filter((type) => submissionRefusal(caller, type) === undefined);
  }
}
