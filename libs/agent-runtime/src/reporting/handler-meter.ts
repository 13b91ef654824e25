import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';
import { type Counter, type Gauge, Metrics } from '@pulser/service-kit';

/** Counts threads of handlers, and handlers that ignored their abort. */
@Injectable()
export class HandlerMeter {
  private readonly gauge: Gauge;
  private readonly cut: Counter<'task_type'>;
  private readonly ignoring: Counter<'task_type'>;

  constructor(metrics: Metrics) {
    this.gauge = metrics.gauge({ name: 'pulser_handler_threads', help: 'Threads that run handlers or wait for one' });
    this.cut = metrics.counter({
      name: 'pulser_handlers_cut_off_total',
      help: 'Handlers whose thread was ended because they ignored their abort',
      labelNames: ['task_type'],
    });
    this.ignoring = metrics.counter({
      name: 'pulser_handlers_ignoring_abort_total',
      help: 'Inline handlers that went on after their abort and its grace',
      labelNames: ['task_type'],
    });
  }

  threads(count: number): void {
    this.gauge.set(count);
  }

  cutOff(taskType: TaskType): void {
    this.cut.inc({ task_type: taskType });
  }

  ignoredAbort(taskType: TaskType): void {
    this.ignoring.inc({ task_type: taskType });
  }
}
