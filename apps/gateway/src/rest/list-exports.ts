// Lists as CSV and NDJSON. A route says what its pages are made of, by `@Exportable`; when a file is asked for, its handler is
// called once a page, as its reader takes them, so that no more than a page is in memory.
import { Readable } from 'node:stream';

import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExportFormat, HttpError, maxExportRows, maxPage } from '@pulser/contracts';
import { whenClosed } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import type { z } from 'zod';

import { tenantOf } from '../access/caller.js';
import { acceptedFormat, type ListWriter, writerOf } from './list-export.policy.js';

/** What the pages of a list are made of. */
export interface ExportedList {
  /** Of the file. */
  readonly name: string;
  readonly row: z.ZodObject;
  /** The member of a page that holds its rows. */
  readonly rows: string;
  /** The parameter by which the next page is asked for, and the member of a page that holds its value; missing: one page. */
  readonly paging?: { readonly parameter: string; readonly next: string };
}

/** Files of one tenant that a gateway writes at a time. */
const maxExports = 4;

/** Pages that one file takes at most, and minutes: a search for what is rare among many rows gets a part. */
const maxPages = 2_000;
const maxMinutes = 10;

const retryAfterS = 5;

type Page = Readonly<Record<string, unknown>>;

type ReadPage = (next: string | undefined) => Promise<Page>;

const rowsOf = (page: Page, { rows }: ExportedList): readonly object[] => page[rows] as readonly object[];

const nextOf = (page: Page, { paging }: ExportedList): string | undefined => {
  const next = paging === undefined ? null : page[paging.next];
  return typeof next === 'string' || typeof next === 'number' ? String(next) : undefined;
};

/** The file, a chunk a page. The next page is read when its reader has taken the one before. */
async function* chunks(first: Page, read: ReadPage, list: ExportedList, writer: ListWriter): AsyncGenerator<string> {
  const end = performance.now() + maxMinutes * 60_000;
  let written = 0;
  let page = first;
  for (let pages = 1; ; pages += 1) {
    const rows = rowsOf(page, list);
    written += rows.length;
    const text = rows.map(writer.row).join('');
    yield pages === 1 ? writer.head + text : text;
    const next = nextOf(page, list);
    if (next === undefined) return;
    if (written >= maxExportRows || pages >= maxPages || performance.now() > end) {
      yield writer.cutOff(`${list.paging?.parameter ?? ''}=${next}`);
      return;
    }
    page = await read(next);
  }
}

interface Wanted {
  readonly list: ExportedList;
  readonly format: ExportFormat;
  readonly read: ReadPage;
}

const ListOf = Reflector.createDecorator<ExportedList>();

/** `?format=` goes before the header Accept. A wrong one is refused by the schema of the query. */
const formatOf = ({ query, headers }: FastifyRequest): ExportFormat | undefined => {
  const { format } = query as Readonly<Record<string, unknown>>;
  if (format === undefined) return acceptedFormat(headers.accept);
  return ExportFormat.safeParse(format).data;
};

/** Calls the handler anew for each page: its parameters are read from the request each time. */
const reader = (request: FastifyRequest, handler: CallHandler, { paging }: ExportedList): ReadPage => {
  const asked = request.query as Readonly<Record<string, unknown>>;
  return (next) => {
    if (paging !== undefined)
      request.query = { ...asked, limit: String(maxPage), ...(next !== undefined && { [paging.parameter]: next }) };
    return lastValueFrom(handler.handle() as Observable<Page>);
  };
};

@Injectable()
export class ListExports implements NestInterceptor {
  /** Files that are being written, by tenant. */
  private readonly running = new Map<string, number>();

  constructor(private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, handler: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const format = formatOf(request);
    if (format === undefined || request.method === 'HEAD') return handler.handle();
    const list = this.reflector.get(ListOf, context.getHandler());
    const wanted = { list, format, read: reader(request, handler, list) };
    return of(await this.file(http.getResponse<FastifyReply>(), tenantOf(context) ?? 'installation', wanted));
  }

  /** @throws HttpError `too_many_requests`, and what the first page throws */
  private async file(reply: FastifyReply, tenantId: string, { list, format, read }: Wanted): Promise<StreamableFile> {
    const done = this.begin(tenantId);
    try {
      const writer = writerOf(format, list.row);
      const first = await read(undefined);
      const stream = Readable.from(chunks(first, read, list, writer), { objectMode: false });
      // A client that is gone already is told nothing any more.
      if (reply.raw.closed) done();
      else whenClosed(reply.raw, done);
      reply.headers({
        'content-type': writer.mediaType,
        'content-disposition': `attachment; filename="${list.name}.${format}"`,
        'cache-control': 'no-store',
      });
      return new StreamableFile(stream);
    } catch (error) {
      done();
      throw error;
    }
  }

  /** @returns what ends it */
  private begin(tenantId: string): () => void {
    const others = this.running.get(tenantId) ?? 0;
    if (others >= maxExports)
      throw new HttpError('too_many_requests', {
        detail: `${maxExports} files are being sent to this tenant`,
        retryAfterS,
      });
    this.running.set(tenantId, others + 1);
    return () => {
      const left = (this.running.get(tenantId) ?? 1) - 1;
      if (left === 0) this.running.delete(tenantId);
      else this.running.set(tenantId, left);
    };
  }
}

/** A list that is also answered as CSV and NDJSON. Its query takes `exportable`. */
export const Exportable = (list: ExportedList): MethodDecorator =>
  applyDecorators(ListOf(list), UseInterceptors(ListExports));
