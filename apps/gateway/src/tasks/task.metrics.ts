import { Injectable } from '@nestjs/common';
import { taskTypes } from '@pulser/contracts';
import { children, Metrics } from '@pulser/service-kit';

/** `refused`: not allowed, not served, no room, or an item of a batch that does not match the schema. */
const outcomes = ['created', 'existing', 'conflict', 'refused'] as const;

/** The type is unknown when an item of a batch does not even name one. */
const types = [...taskTypes, 'unknown'] as const;

/** What the gateway counts of tasks. */
@Injectable()
export class TaskMetrics {
  /** By task type and what became of the submission. */
  readonly submitted;
  readonly dispatchesFailed;

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
  }
}
