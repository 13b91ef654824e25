import { Module } from '@nestjs/common';

import { EventStreams } from './event-streams.service.js';
import { EventsController } from './events.controller.js';
import { TaskEventsConsumer, TaskNotifier } from './task-notifier.js';

@Module({
  controllers: [EventsController, TaskEventsConsumer],
  providers: [EventStreams, TaskNotifier],
  exports: [TaskNotifier],
})
export class EventsModule {}
