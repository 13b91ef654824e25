import { Module } from '@nestjs/common';

import { PausesModule } from '../pauses/pauses.controller.js';
import { InstallationAuditController } from './installation-audit.controller.js';
import { InstallationPausesController } from './installation-pauses.controller.js';

/** What operators with a key of the installation see and change. */
@Module({
  imports: [PausesModule],
  controllers: [InstallationPausesController, InstallationAuditController],
})
export class InstallationModule {}
