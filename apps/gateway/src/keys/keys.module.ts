import { Module } from '@nestjs/common';

import { KeysController, MeController } from './keys.controller.js';
import { Keys } from './keys.service.js';

@Module({
  controllers: [KeysController, MeController],
  providers: [Keys],
})
export class KeysModule {}
