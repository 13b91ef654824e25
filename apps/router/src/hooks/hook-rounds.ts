// Fires hooks for what has happened. Each event is taken for itself: what fails for one is noted at its hook.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  authorPrincipal,
  authorRefusal,
  type DueEvent,
  EventOvertaken,
  firedBy,
  HookEvents,
  hookOrderOf,
  Hooks,
  Intake,
} from '@pulser/context-bus';
import { type HookRefusalReason, hookRefusals, isOutage } from '@pulser/contracts';
import { Logger, messageOf, Metrics, Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';
import { type EventStep, eventStep, retryAfterS } from './hook-event.policy.js';

const everyMs = 250;
const batch = 64;
/** Tries that fail on our side, after which an event is given up. */
const maxTries = 8;

type Submission = Extract<EventStep, { readonly do: 'submit' }>;

@Injectable()
export class HookRounds implements OnApplicationBootstrap {
  private readonly events;

  constructor(
    private readonly due: HookEvents,
    private readonly hooks: Hooks,
    private readonly intake: Intake,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.events = metrics.counter({
      name: 'pulser_hook_events_total',
      help: 'What has happened to which a hook was to be fired, by what became of it: a task, or why there was none',
      labelNames: ['outcome'],
    });
    for (const outcome of ['started', 'dropped', ...hookRefusals]) this.events.labels(outcome).inc(0);
  }

  onApplicationBootstrap(): void {
    this.rounds.every(Math.min(this.env.SWEEP_MS, everyMs), async () => {
      while ((await this.round()) === batch);
    });
  }

  /** @returns how many were due @throws DatabaseUnavailable: they are due again soon */
  private async round(): Promise<number> {
    const due = await this.due.claim(batch);
    const failed = (await Promise.all(due.map((event) => this.attend(event)))).filter((error) => error !== undefined);
    if (failed.length > 0) throw failed[0] ?? new Error('An outage has no error');
    return due.length;
  }

  /** @returns an outage, which is none of the event's fault */
  private async attend(event: DueEvent): Promise<Error | undefined> {
    try {
      await this.take(event);
    } catch (error) {
      if (error instanceof EventOvertaken) return undefined;
      if (isOutage(error)) return error;
      await this.noteFailure(event, error).catch(() => undefined);
    }
    return undefined;
  }

  private async take(event: DueEvent): Promise<void> {
    const step: EventStep = event.enabled ? eventStep(event, hookOrderOf(event)) : { do: 'drop' };
    switch (step.do) {
      case 'drop':
        await this.due.drop(event);
        this.events.labels('dropped').inc();
        return;
      case 'refuse':
        return this.refuse(event, step.reason, step.detail);
      case 'submit':
        return this.submit(event, step);
    }
  }

  private async submit(event: DueEvent, { submit, hooks }: Submission): Promise<void> {
    const alongside = firedBy(event);
    const [outcome] = await this.intake.submit(authorPrincipal(event), [{ submit, hooks }], { alongside });
    if (outcome === undefined) throw new Error('An order has no outcome');
    if (outcome.kind !== 'refused') {
      this.events.labels('started').inc();
      return this.hooks.noteFired(event, outcome.taskId);
    }
    const { reason, detail } = authorRefusal(outcome.refusal);
    const afterS = retryAfterS(reason, event);
    if (afterS === undefined) await this.refuse(event, reason, detail);
    else await this.due.postpone(event, afterS);
  }

  private async refuse(event: DueEvent, reason: HookRefusalReason, detail: string): Promise<void> {
    await this.hooks.noteRefused(event, reason, detail);
    await this.due.drop(event);
    this.events.labels(reason).inc();
  }

  /** It is due again after a while, as it was claimed. */
  private async noteFailure(event: DueEvent, err: unknown): Promise<void> {
    const { tenantId, hookId, tries } = event;
    this.logger.warn({ err, tenantId, hookId }, 'a hook could not be fired');
    if (tries >= maxTries) await this.refuse(event, 'error', messageOf(err));
  }
}
