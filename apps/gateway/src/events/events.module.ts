import { Module } from '@nestjs/common';

import { EventStreams } from './event-streams.service.js';
import { EventsController } from './events.controller.js';
import { LongPolls, TaskEventsConsumer, TaskNotifier } from './task-notifier.js';

@Module({
  controllers: [EventsController, TaskEventsConsumer],
  providers: [EventStreams, LongPolls, TaskNotifier],
  exports: [LongPolls],
})
export class EventsModule {}
