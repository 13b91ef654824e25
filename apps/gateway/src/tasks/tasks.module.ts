import { Module } from '@nestjs/common';
import { DispatchPort, Intake } from '@pulser/context-bus';

import { EventsModule } from '../events/events.module.js';
import { LongPolls } from './long-polls.service.js';
import { SubmissionPublisher, Submissions } from './submissions.service.js';
import { TaskMetrics } from './task.metrics.js';
import { TasksController } from './tasks.controller.js';
import { Tasks } from './tasks.service.js';

@Module({
  imports: [EventsModule],
  controllers: [TasksController],
  providers: [
    Intake,
    LongPolls,
    { provide: DispatchPort, useClass: SubmissionPublisher },
    Submissions,
    TaskMetrics,
    Tasks,
  ],
  exports: [Intake, Submissions, TaskMetrics],
})
export class TasksModule {}
