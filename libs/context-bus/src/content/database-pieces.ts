// Pieces in PostgreSQL: a row of a megabyte each.
import { type Database, statement } from '@pulser/database';

import { ContentDamaged, type ContentRef, type PieceStore } from './pieces.js';

const megabyte = 1_048_576;

const put = statement(
  'content.database.put',
  `insert into content_piece (tenant_id, content_id, n, bytes) values ((select pulser.tenant_id()), $1, $2, $3)
   on conflict (tenant_id, content_id, n) do update set bytes = excluded.bytes`,
);

const get = statement(
  'content.database.get',
  `select bytes from content_piece where tenant_id = (select pulser.tenant_id()) and content_id = $1 and n = $2`,
);

// A thousand pieces in one statement would hold the embedded database for too long.
const remove = statement(
  'content.database.remove',
  `with gone as (
     delete from content_piece where tenant_id = (select pulser.tenant_id()) and content_id = $1
       and n in (select n from content_piece where tenant_id = (select pulser.tenant_id()) and content_id = $1 limit $2)
     returning n
   )
   select count(*)::int as gone from gone`,
);

const perStatement = 32;

export class DatabasePieces implements PieceStore {
  readonly kind = 'database';
  readonly pieceBytes = megabyte;

  constructor(private readonly database: Database) {}

  async put({ tenantId, contentId }: ContentRef, n: number, piece: Buffer): Promise<void> {
    await this.database.queryAs(tenantId, put, [contentId, n, piece]);
  }

  seal(): Promise<void> {
    return Promise.resolve();
  }

  async get(content: ContentRef, n: number, _at: number, length: number): Promise<Buffer> {
    const [row] = await this.database.queryAs<{ bytes: Buffer }>(content.tenantId, get, [content.contentId, n]);
    if (row?.bytes.length === length) return row.bytes;
    throw new ContentDamaged(content, `piece ${n} has ${row?.bytes.length ?? 'no'} bytes instead of ${length}`);
  }

  async remove({ tenantId, contentId }: ContentRef): Promise<void> {
    for (;;) {
      const [row] = await this.database.queryAs<{ gone: number }>(tenantId, remove, [contentId, perStatement]);
      if ((row?.gone ?? 0) < perStatement) return;
    }
  }
}
