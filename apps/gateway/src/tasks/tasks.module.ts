import { Module } from '@nestjs/common';
import { DispatchPort, Intake } from '@pulser/context-bus';

import { EventsModule } from '../events/events.module.js';
import { DispatchCredit, DispatchCreditConsumer } from './dispatch-credit.js';
import { FastSubmit } from './fast-submit.js';
import { SubmissionSpans } from './submission-spans.js';
import { SubmissionPublisher, Submissions, TaskMetrics } from './submissions.service.js';
import { TasksController } from './tasks.controller.js';
import { Submitters } from './submitters.js';
import { Tasks } from './tasks.service.js';
import { WaitsController } from './waits.controller.js';
import { Waits } from './waits.service.js';

@Module({
  imports: [EventsModule],
  controllers: [TasksController, WaitsController, DispatchCreditConsumer],
  providers: [
    Intake,
    { provide: DispatchPort, useClass: SubmissionPublisher },
    DispatchCredit,
    FastSubmit,
    SubmissionSpans,
    Submissions,
    Submitters,
    TaskMetrics,
    Tasks,
    Waits,
  ],
  exports: [DispatchPort, Intake, Submissions, Submitters, TaskMetrics, Tasks],
})
export class TasksModule {}
