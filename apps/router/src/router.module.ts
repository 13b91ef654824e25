import { type DynamicModule, Module } from '@nestjs/common';
import { ContextBusModule } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';

import { DeadLettersConsumer } from './dead-letters/dead-letters.consumer.js';
import { DeadLettersGauge } from './dead-letters/dead-letters.gauge.js';
import { GrowthLoop } from './dead-letters/growth.loop.js';
import { GrowthPublisher } from './dead-letters/growth.publisher.js';
import { DeadLetterWriter } from './dead-letters/dead-letter.writer.js';
import { DispatchLoop } from './dispatch/dispatch.loop.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { HeartbeatsConsumer } from './dispatch/heartbeats.consumer.js';
import { Lanes } from './dispatch/lanes.js';
import { Dispatches } from './dispatch/dispatches.js';
import { Recovery } from './dispatch/recovery.js';
import { QueueDepthGauge } from './reporting/queue-depth.gauge.js';
import { RouterMeter } from './reporting/router-meter.js';
import type { RouterEnv } from './router.env.js';
import { OrderIntake } from './submission/order-intake.js';
import { OrdersConsumer } from './submission/orders.consumer.js';
import { SubmissionsConsumer } from './submission/submissions.consumer.js';
import { SweepLoop } from './sweep/sweep.loop.js';
import { Sweeper } from './sweep/sweeper.js';
import { UpkeepLoop } from './upkeep/upkeep.loop.js';

@Module({})
export class RouterModule {
  static forRoot(env: RouterEnv): DynamicModule {
    return {
      module: RouterModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, admission: env }),
        MessagingModule.forRoot(serviceBroker(env)),
      ],
      controllers: [SubmissionsConsumer, OrdersConsumer, HeartbeatsConsumer],
      providers: [
        DeadLettersConsumer,
        DeadLettersGauge,
        DispatchLoop,
        Dispatcher,
        GrowthLoop,
        GrowthPublisher,
        Lanes,
        DeadLetterWriter,
        Dispatches,
        OrderIntake,
        QueueDepthGauge,
        Recovery,
        RouterMeter,
        Sweeper,
        SweepLoop,
        UpkeepLoop,
      ],
    };
  }
}
