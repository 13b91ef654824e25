import { Module } from '@nestjs/common';

import { ArtifactsModule } from '../artifacts/artifacts.controller.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { DatasetsController } from './datasets.controller.js';
import { DatasetsService } from './datasets.service.js';
import { Exports } from './exports.service.js';
import { IngestService } from './ingest.service.js';
import { ReaderTasks } from './reader-tasks.service.js';
import { RowsService } from './rows.service.js';
import { UploadsController } from './uploads.controller.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [ArtifactsModule, TasksModule],
  controllers: [DatasetsController, UploadsController],
  providers: [DatasetsService, Exports, IngestService, ReaderTasks, RowsService, UploadsService],
})
export class DatasetsModule {}
