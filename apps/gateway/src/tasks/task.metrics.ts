import { Injectable } from '@nestjs/common';
import { type Outcome, TaskTypes } from '@pulser/context-bus';
import { builtInTaskTypes, type TaskType } from '@pulser/contracts';
import { type Counter, Metrics } from '@pulser/service-kit';

type Child = ReturnType<Counter['labels']>;

const builtIn: ReadonlySet<TaskType> = new Set(builtInTaskTypes);

/** The label of a task type that no agent has registered: clients must not make labels up. */
const unknownType = 'unknown';

/** What the gateway counts of tasks. */
@Injectable()
export class TaskMetrics {
  readonly dispatchesFailed;
  private readonly submissions;
  /** By task type and outcome: resolved once, because every submission counts here. */
  private readonly children = new Map<string, Child>();

  constructor(
    metrics: Metrics,
    private readonly types: TaskTypes,
  ) {
    this.submissions = metrics.counter({
      name: 'pulser_tasks_submitted_total',
      help: 'Submissions by task type and what became of them',
      labelNames: ['task_type', 'outcome'],
    });
    this.dispatchesFailed = metrics.counter({
      name: 'pulser_task_dispatches_failed_total',
      help: 'Accepted or cancelled tasks whose message the broker did not take at once',
    });
  }

  /**
   * @param type undefined for an item of a batch that does not even name one
   * @param outcome `refused`: not allowed, not served, no room, or a body that does not match its schema
   */
  submitted(type: TaskType | undefined, outcome: Outcome['kind'], tasks = 1): void {
    const label = type !== undefined && this.isKnown(type) ? type : unknownType;
    const key = `${label} ${outcome}`;
    const child = this.children.get(key) ?? this.submissions.labels(label, outcome);
    this.children.set(key, child);
    child.inc(tasks);
  }

  private isKnown(type: TaskType): boolean {
    return builtIn.has(type) || this.types.latest.has(type);
  }
}
