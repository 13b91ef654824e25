import { Module } from '@nestjs/common';

import { EventStreams } from './event-streams.service.js';
import { EventsController } from './events.controller.js';
import { OpenStreams } from './open-streams.js';
import { TaskEventsConsumer } from './task-events.consumer.js';
import { LongPolls, TaskNotifier } from './task-notifier.js';
import { TenantEventsController } from './tenant-events.controller.js';
import { TenantStreams } from './tenant-streams.service.js';

@Module({
  controllers: [EventsController, TenantEventsController, TaskEventsConsumer],
  providers: [EventStreams, LongPolls, OpenStreams, TaskNotifier, TenantStreams],
  exports: [LongPolls, TenantStreams],
})
export class EventsModule {}
