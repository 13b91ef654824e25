// The rows of a version, in pages. The first ones are kept with it; others are read from its file by a task, once a page.
import { Injectable } from '@nestjs/common';
import { Datasets, type DatasetVersion, type Principal } from '@pulser/context-bus';
import { type AcceptedTask, datasetReference, type DatasetRows, type RowsQuery, SubmitTask } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import { notFound } from '../rest/parameters.js';
import { failed, readerKey, ReaderTasks } from './reader-tasks.service.js';

export type RowsAnswer =
  { readonly kind: 'rows'; readonly page: DatasetRows } | { readonly kind: 'pending'; readonly task: AcceptedTask };

// DuckDB reads the rows of a file in their order: it keeps `preserve_insertion_order` on.
const orderOf = ({ name, version }: DatasetVersion, { offset, limit }: RowsQuery): SubmitTask =>
  SubmitTask.parse({
    task_type: 'analytics',
    priority: 'high',
    payload: {
      operation: 'query',
      sources: [{ name: 'version', dataset: datasetReference(name, version) }],
      sql: `from version limit ${limit} offset ${offset}`,
      max_rows: limit,
    },
  });

const QueryRows = z.object({ rows: z.array(z.array(z.unknown())) });

@Injectable()
export class RowsService {
  constructor(
    private readonly datasets: Datasets,
    private readonly tasks: ReaderTasks,
  ) {}

  /** @throws HttpError `not_found`; `conflict` when the task failed; what keeps it from being submitted */
  async page(caller: Principal, version: DatasetVersion, query: RowsQuery, reply: FastifyReply): Promise<RowsAnswer> {
    const { offset, limit } = query;
    const kept = await this.datasets.preview(caller.tenantId, version.name, version.version);
    if (kept === undefined) throw notFound('version');
    const { columns, preview, rows: total } = kept;
    const page = (rows: unknown[][]): RowsAnswer => {
      const next = offset + rows.length;
      return {
        kind: 'rows',
        page: { columns, rows, total_rows: total, next_offset: next < total && rows.length > 0 ? next : null },
      };
    };
    // What was kept is answered at once, also where that is less than was asked for.
    if (offset < preview.length || offset >= total) return page(preview.slice(offset, offset + limit));
    const ran = await this.tasks.run(
      caller,
      orderOf(version, query),
      readerKey(version, `rows:${offset}+${limit}`),
      reply,
    );
    if (ran.kind === 'pending') return ran;
    const { success, data } = QueryRows.safeParse(ran.view.result);
    if (!success) throw failed(ran.view);
    return page(data.rows);
  }
}
