// Artifacts: files that tasks made. Small ones are in their row, large ones in the store of large files.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** A large artifact, whose bytes are in the store of large files. */
export interface LargeArtifact extends Omit<Artifact, 'content'> {
  readonly contentId: string;
  readonly bytes: number;
}

/** An artifact as it was found: its content is empty when it has a content id. */
export interface FoundArtifact extends Artifact {
  readonly contentId: string | null;
}

// A later attempt replaces the file of an earlier one; a worker that lost its lease writes nothing.
const put = statement(
  'artifacts.put',
  `insert into task_artifact (tenant_id, task_id, name, media_type, content)
   select tenant_id, task_id, $4, $5, $6 from task_queue
   where tenant_id = $1 and task_id = $2 and epoch = $3 and status = 'running'
   on conflict (tenant_id, task_id, name)
     do update set media_type = excluded.media_type, content = excluded.content, content_id = null, content_bytes = null,
       created_at = now()`,
);

const putLarge = statement(
  'artifacts.put-large',
  `insert into task_artifact (tenant_id, task_id, name, media_type, content, content_id, content_bytes)
   select tenant_id, task_id, $4, $5, ''::bytea, $6, $7 from task_queue
   where tenant_id = $1 and task_id = $2 and epoch = $3 and status = 'running'
   on conflict (tenant_id, task_id, name)
     do update set media_type = excluded.media_type, content = excluded.content, content_id = excluded.content_id,
       content_bytes = excluded.content_bytes, created_at = now()
   returning 1 as ok`,
);

const find = statement(
  'artifacts.find',
  `select name, media_type as "mediaType", content, content_id as "contentId" from task_artifact
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and name = $2`,
);

// What is in its row is small; the sum of the sizes decides how many.
const documents = statement(
  'artifacts.documents',
  `select name, media_type as "mediaType", content from (
     select *, sum(octet_length(content)) over (order by name) as bytes from task_artifact
     where tenant_id = $1 and task_id = $2 and content_id is null and media_type = 'application/pdf'
   ) a where bytes <= $3 order by name`,
);

/** Files that tasks made. */
@Injectable()
export class Artifacts {
  constructor(private readonly database: Database) {}

  /** Writes nothing once the lease is lost. @throws DatabaseUnavailable */
  async put({ tenantId, taskId, epoch }: ClaimRef, { name, mediaType, content }: Artifact): Promise<void> {
    await this.database.query(put, [tenantId, taskId, epoch, name, mediaType, content]);
  }

  /** The same for a large one. @returns false once the lease is lost: then nothing refers to its content */
  async putLarge({ tenantId, taskId, epoch }: ClaimRef, artifact: LargeArtifact): Promise<boolean> {
    const { name, mediaType, contentId, bytes } = artifact;
    const values = [tenantId, taskId, epoch, name, mediaType, contentId, bytes];
    return (await this.database.query(putLarge, values)).length > 0;
  }

  /** The PDFs of a task that are small, by name, as many as come to so many bytes together. Needs the service role. */
  documents(tenantId: string, taskId: string, maxBytes: number): Promise<Artifact[]> {
    return this.database.query<Artifact & Record<string, unknown>>(documents, [tenantId, taskId, maxBytes]);
  }

  async find(tenantId: string, taskId: string, name: string): Promise<FoundArtifact | undefined> {
    const [row] = await this.database.queryAs<FoundArtifact>(tenantId, find, [taskId, name]);
    return row;
  }
}
