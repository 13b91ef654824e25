import { Injectable, type OnApplicationShutdown, type OnModuleInit, Optional } from '@nestjs/common';
import { Database } from '@pulser/database';
import { Readiness } from '@pulser/service-kit';

import { AsyncCommitDatabase } from './async-commit-database.js';

/** Reports the database to readiness and closes it after everything that uses it. */
@Injectable()
export class DatabaseLifetime implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly readiness: Readiness,
    @Optional() private readonly relaxed?: AsyncCommitDatabase,
  ) {}

  onModuleInit(): void {
    this.readiness.add('database', () => this.database.ping());
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.database.close(), this.relaxed?.close()]);
  }
}
