import { Injectable } from '@nestjs/common';
import { taskTypes } from '@pulser/contracts';
import { children, Metrics } from '@pulser/service-kit';

/** `refused`: no agent serves the type, or an item of a batch does not match the schema. */
const outcomes = ['created', 'existing', 'conflict', 'refused'] as const;

/** The type is unknown when an item of a batch does not even say it. */
const types = [...taskTypes, 'unknown'] as const;

/** What the gateway counts besides its HTTP requests. */
@Injectable()
export class GatewayMetrics {
  /** By task type and what became of the submission. */
  readonly submitted;
  readonly dispatchesFailed;
  readonly eventStreams;
  readonly waiters;

  constructor(metrics: Metrics) {
    const submitted = metrics.counter({
      name: 'pulser_tasks_submitted_total',
      help: 'Submissions by task type and what became of them',
      labelNames: ['task_type', 'outcome'],
    });
    const byOutcome = (type: string) => children({ labels: (outcome) => submitted.labels(type, outcome) }, outcomes);
    this.submitted = children({ labels: byOutcome }, types);
    this.dispatchesFailed = metrics.counter({
      name: 'pulser_task_dispatches_failed_total',
      help: 'Accepted or cancelled tasks of which the broker could not be told at once',
    });
    this.eventStreams = metrics.gauge({ name: 'pulser_event_streams', help: 'Event streams that are open' });
    this.waiters = metrics.gauge({ name: 'pulser_task_waiters', help: 'Requests that wait for the end of a task' });
  }
}
