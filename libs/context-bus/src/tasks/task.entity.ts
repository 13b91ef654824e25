import type { AgentName, Priority, TaskFailure, TaskStatus, TaskType } from '@pulser/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `task_queue` for reads; writes are statements of the stores. */
@Entity('task_queue')
export class TaskEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  readonly tenantId!: string;

  @PrimaryColumn({ name: 'task_id', type: 'uuid' })
  readonly taskId!: string;

  @Column({ name: 'task_type', type: 'text' })
  readonly taskType!: TaskType;

  @Column({ type: 'text' })
  readonly priority!: Priority;

  @Column({ name: 'assigned_agent', type: 'text' })
  readonly assignedAgent!: AgentName;

  @Column({ type: 'text' })
  readonly status!: TaskStatus;

  @Column({ type: 'jsonb', select: false })
  readonly payload!: Record<string, unknown>;

  @Column({ type: 'jsonb', select: false, nullable: true })
  readonly metadata!: Record<string, unknown> | null;

  @Column({ type: 'jsonb', select: false, nullable: true })
  readonly result!: unknown;

  @Column({ type: 'jsonb', nullable: true })
  readonly error!: TaskFailure | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  readonly createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  readonly updatedAt!: Date;

  @Column({ name: 'run_at', type: 'timestamptz', nullable: true })
  readonly runAt!: Date | null;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  readonly startedAt!: Date | null;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  readonly completedAt!: Date | null;

  @Column({ name: 'deadline_at', type: 'timestamptz', nullable: true })
  readonly deadlineAt!: Date | null;

  @Column({ name: 'submitted_by', type: 'text', nullable: true })
  readonly submittedBy!: string | null;

  @Column({ name: 'replay_of', type: 'uuid', nullable: true })
  readonly replayOf!: string | null;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  readonly parentId!: string | null;

  @Column({ name: 'schedule_id', type: 'uuid', nullable: true })
  readonly scheduleId!: string | null;

  /** Destinations that its end is sent to; null: none. */
  @Column({ type: 'text', array: true, nullable: true })
  readonly notify!: string[] | null;

  /** Of the payload; '': it names none, null: a version before 0.3 inserted the row. */
  @Column({ type: 'text', nullable: true })
  readonly operation!: string | null;

  /** Members of the metadata that were labels when it was submitted; null: none. */
  @Column({ type: 'jsonb', nullable: true })
  readonly labels!: Record<string, string> | null;

  @Column({ type: 'int' })
  readonly epoch!: number;

  @Column({ type: 'int' })
  readonly attempts!: number;
}
