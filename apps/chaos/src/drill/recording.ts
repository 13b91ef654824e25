// What health services see of an agent that is well, under load: recorded for days that are simulated.
import { setTimeout as wait } from 'node:timers/promises';

import { AgentActivity, AgentStatuses, type MinuteActivity } from '@pulser/context-bus';
import { exchange, messages } from '@pulser/contracts';
import type { Database } from '@pulser/database';
import { LiveWorkers } from '@pulser/messaging';
import { connect } from 'amqplib';

/** Of one agent, in the order in which it came. Milliseconds and megabytes. */
export interface Recording {
  /** Where and how it was recorded. */
  readonly recorded: string;
  /** Between two heartbeats of a worker. */
  readonly heartbeat_gaps_ms: number[];
  readonly lags_ms: number[];
  readonly memory_mb: number[];
  /** For how long all slots of a worker had been taken without a task ending. */
  readonly stuck_ms: number[];
  /** Tasks that waited, once a second. */
  readonly waiting: number[];
  readonly canaries_ms: number[];
  /** Of five seconds each, by operation: completed, failed, sum of the logarithms of run times in ms. */
  readonly slices: Record<string, [completed: number, failed: number, runLogs: number]>[];
}

const sliceS = 5;

/** Records one agent until it is stopped. */
export class Recorder {
  private readonly workers = new LiveWorkers();
  private readonly beats = new Map<string, number>();
  private before: ReadonlyMap<string, MinuteActivity> | undefined;
  private readonly activity: AgentActivity;
  private readonly statuses: AgentStatuses;
  private readonly recording: Recording;

  constructor(
    database: Database,
    private readonly amqpUrl: string,
    private readonly agent: string,
    recorded: string,
  ) {
    this.activity = new AgentActivity(database);
    this.statuses = new AgentStatuses(database);
    this.recording = {
      ...{ recorded, heartbeat_gaps_ms: [], lags_ms: [], memory_mb: [], stuck_ms: [] },
      ...{ waiting: [], canaries_ms: [], slices: [] },
    };
  }

  async record(seconds: number): Promise<Recording> {
    const model = await connect(this.amqpUrl);
    try {
      const channel = await model.createChannel();
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, exchange.events.name, 'agent.heartbeat');
      const onMessage = (message: { readonly content: Buffer } | null): void => {
        if (message !== null) this.heard(message.content);
      };
      await channel.consume(queue, onMessage, { noAck: true });
      for (let second = 0; second < seconds; second += 1) {
        await Promise.all([wait(1_000), this.look(second % sliceS === 0)]);
      }
    } finally {
      await model.close();
    }
    return this.recording;
  }

  private heard(content: Buffer): void {
    const heartbeat = messages['agent.heartbeat'].body.parse(JSON.parse(content.toString()));
    if (heartbeat.agent !== this.agent) return;
    const now = performance.now();
    const last = this.beats.get(heartbeat.instance);
    this.beats.set(heartbeat.instance, now);
    if (last !== undefined) this.recording.heartbeat_gaps_ms.push(Math.round(now - last));
    this.recording.lags_ms.push(heartbeat.lag_ms ?? 0);
    this.recording.memory_mb.push(heartbeat.memory_mb ?? 0);
    this.workers.heard(heartbeat, now);
    const worker = this.workers.all(now).find((one) => one.heartbeat.instance === heartbeat.instance);
    this.recording.stuck_ms.push(Math.round(worker?.stuckForMs ?? 0));
  }

  private async look(ofTasks: boolean): Promise<void> {
    const [depths, statuses] = await Promise.all([this.activity.depths(), this.statuses.all()]);
    this.recording.waiting.push(depths.find(({ agent }) => agent === this.agent)?.queued ?? 0);
    const { figures } = statuses.find(({ agent }) => agent === this.agent) ?? {};
    const { canary_ms: canaryMs } = (figures ?? {}) as { canary_ms?: number | null };
    const canary = canaryMs === undefined || canaryMs === null ? undefined : Math.round(canaryMs);
    // Two of the same length one after the other are one: canaries have no number here.
    if (canary !== undefined && canary !== this.recording.canaries_ms.at(-1)) this.recording.canaries_ms.push(canary);
    if (ofTasks) this.slice(await this.activity.minutes());
  }

  private slice(minutes: readonly MinuteActivity[]): void {
    const own = minutes.filter(({ agent }) => agent === this.agent);
    const now = new Map(own.map((one) => [`${one.taskType} ${one.operation} ${one.minuteS}`, one]));
    if (this.before !== undefined) this.recording.slices.push(sliceOf(now, this.before));
    this.before = now;
  }
}

const sliceOf = (
  now: ReadonlyMap<string, MinuteActivity>,
  before: ReadonlyMap<string, MinuteActivity>,
): Recording['slices'][number] => {
  const slice: Recording['slices'][number] = {};
  for (const [key, { operation, completed, failed, runLogs }] of now) {
    const was = before.get(key) ?? { completed: 0, failed: 0, runLogs: 0 };
    const [good, bad, logs] = slice[operation] ?? [0, 0, 0];
    const next = [good + completed - was.completed, bad + failed - was.failed, logs + runLogs - was.runLogs] as const;
    if (next[0] + next[1] > 0) slice[operation] = [next[0], next[1], Math.round(next[2] * 10) / 10];
  }
  return slice;
};
