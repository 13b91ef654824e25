import { Module } from '@nestjs/common';

import { ExplainController } from './explain.controller.js';
import { Explanations } from './explain.service.js';
import { HeartbeatsConsumer, LiveWorkers } from './live-workers.js';

@Module({
  controllers: [ExplainController, HeartbeatsConsumer],
  providers: [Explanations, LiveWorkers],
})
export class ExplainModule {}
