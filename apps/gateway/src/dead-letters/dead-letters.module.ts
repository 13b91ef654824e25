import { Module } from '@nestjs/common';
import { BulkReplays } from '@pulser/context-bus';

import { TasksModule } from '../tasks/tasks.module.js';
import { DeadLetterActionsController } from './dead-letter-actions.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.service.js';
import { ManyReplays, Replays } from './replays.service.js';

@Module({
  imports: [TasksModule],
  controllers: [DeadLettersController, DeadLetterActionsController],
  providers: [BulkReplays, ManyReplays, DeadLetters, Replays],
})
export class DeadLettersModule {}
