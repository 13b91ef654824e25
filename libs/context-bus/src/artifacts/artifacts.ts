// Artifacts: files that tasks made.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

// A later attempt replaces the file of an earlier one; a worker that lost its lease writes nothing.
const put = statement(
  'artifacts.put',
  `insert into task_artifact (tenant_id, task_id, name, media_type, content)
   select tenant_id, task_id, $4, $5, $6 from task_queue
   where tenant_id = $1 and task_id = $2 and epoch = $3 and status = 'running'
   on conflict (tenant_id, task_id, name)
     do update set media_type = excluded.media_type, content = excluded.content, created_at = now()`,
);

const find = statement(
  'artifacts.find',
  `select name, media_type as "mediaType", content from task_artifact
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and name = $2`,
);

/** Files that tasks made. */
@Injectable()
export class Artifacts {
  constructor(private readonly database: Database) {}

  /** Writes nothing once the lease is lost. @throws DatabaseUnavailable */
  async put({ tenantId, taskId, epoch }: ClaimRef, { name, mediaType, content }: Artifact): Promise<void> {
    await this.database.query(put, [tenantId, taskId, epoch, name, mediaType, content]);
  }

  async find(tenantId: string, taskId: string, name: string): Promise<Artifact | undefined> {
    const [row] = await this.database.queryAs<Artifact>(tenantId, find, [taskId, name]);
    return row;
  }
}
