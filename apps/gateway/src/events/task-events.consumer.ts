// What comes from the broker about tasks, and whom of this process it is for: requests that wait for one task, and the event
// streams of tenants.
import { Payload } from '@nestjs/microservices';
import type {
  StreamsReported,
  TaskEvents,
  TaskFailures,
  TasksQueued,
  TaskStatus,
  TasksUnlisted,
  TenantChanged,
} from '@pulser/contracts';
import { MessageConsumer, OnMessage, StreamedTenants } from '@pulser/messaging';

import { TaskNotifier } from './task-notifier.js';
import { TenantStreams } from './tenant-streams.service.js';

/** Handles what workers, routers and gateways publish about tasks. */
@MessageConsumer()
export class TaskEventsConsumer {
  constructor(
    private readonly notifier: TaskNotifier,
    private readonly streams: TenantStreams,
    private readonly streamed: StreamedTenants,
  ) {}

  @OnMessage('task.queued')
  queued(@Payload() events: TasksQueued): void {
    for (const event of events) this.streams.changed(event, event.status);
  }

  @OnMessage('tasks.unlisted')
  unlisted(@Payload() events: TasksUnlisted): void {
    for (const { tenant_id, status, tasks } of events) this.streams.leaveOut(tenant_id, status, tasks);
  }

  @OnMessage('task.started')
  started(@Payload() events: TaskEvents): void {
    this.moved(events, 'running');
  }

  @OnMessage('task.retrying')
  retrying(@Payload() events: TaskFailures): void {
    this.moved(events, 'retrying');
  }

  @OnMessage('task.completed')
  completed(@Payload() events: TaskEvents): void {
    this.moved(events, 'completed');
  }

  @OnMessage('task.failed')
  failed(@Payload() events: TaskFailures): void {
    this.moved(events, 'failed');
  }

  @OnMessage('task.cancelled')
  cancelled(@Payload() events: TaskEvents): void {
    this.moved(events, 'cancelled');
  }

  /** Log lines and progress are no changes of state: only who follows this very task is woken. */
  @OnMessage('task.progress')
  progressed(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.notifier.notify(task_id, false);
  }

  @OnMessage('tenant.changed')
  tenantChanged(@Payload() { tenant_id, what }: TenantChanged): void {
    this.streams.hint(tenant_id, what);
  }

  @OnMessage('streams.reported')
  reported(@Payload() report: StreamsReported): void {
    this.streamed.heard(report, performance.now());
  }

  private moved(events: TaskEvents | TaskFailures, status: Exclude<TaskStatus, 'queued'>): void {
    const ended = status === 'completed' || status === 'failed' || status === 'cancelled';
    for (const event of events) {
      this.notifier.notify(event.task_id, ended);
      this.streams.changed(event, 'status' in event ? (event.status ?? status) : status);
    }
  }
}
