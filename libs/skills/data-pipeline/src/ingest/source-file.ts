// The source of an ingest as a file for the sandbox.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type TaskContext, TaskError } from '@pulser/agent-runtime/skill';
import type { StagedSource } from '@pulser/data-sandbox';
import { OutgoingClient, OutgoingFailed, OutgoingRefused, rulesOfSettings } from '@pulser/outgoing/client';

import type { IngestSource } from './ingest-contract.js';

/** The table that the sandbox makes of it, as error messages name it. */
const name = 'file';

const referenceOf = ({ upload, artifact, dataset }: IngestSource): string | undefined =>
  artifact ?? dataset ?? (upload === undefined ? undefined : `upload:${upload}`);

/** The last part of a path, which often is the name of a file. */
const lastPart = (url: string): string | undefined => new URL(url).pathname.split('/').at(-1);

// A redirect to another host takes along neither kind.
const headerTexts = async (
  url: string,
  headers: IngestSource['headers'] = {},
  { secret }: TaskContext,
): Promise<Record<string, string>> => {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    texts[name] =
      typeof value === 'string' ? value : `${value.prefix ?? ''}${await secret(value.secret, new URL(url).href)}`;
  return texts;
};

/** @throws TaskError `secret_unavailable`; `source_unreachable`: for good when the answer or the rules of the operator say so */
const download = async (url: string, headers: IngestSource['headers'], context: TaskContext): Promise<Uint8Array> => {
  const { outgoing, mayAsk, answered, signal } = context;
  const { origin } = new URL(url);
  const failed = (why: string, permanent: boolean, details: Record<string, unknown>): TaskError =>
    new TaskError({ code: 'source_unreachable', permanent }, `${origin} gave no file: ${why}`, {
      permanent,
      details,
    });
  if (!(await mayAsk(origin)))
    throw failed('its last answers failed, so it is not asked for a while', false, { reason: 'not_asked' });
  try {
    const client = new OutgoingClient(rulesOfSettings(await outgoing()));
    const { status, body } = await client.request(url, { signal, headers: await headerTexts(url, headers, context) });
    await answered(origin, status < 500);
    if (status >= 200 && status <= 299) return body;
    throw failed(`it answers ${status}`, status < 500 && status !== 429, { status });
  } catch (error) {
    const isOutgoing = error instanceof OutgoingRefused || error instanceof OutgoingFailed;
    await answered(origin, !isOutgoing || error.permanent);
    if (!isOutgoing) throw error;
    throw failed(error.message, error.permanent, { reason: error.code, ...error.facts });
  }
};

const nameIn = (reference: string): string | undefined =>
  reference.startsWith('artifact:') ? reference.slice(reference.indexOf('/') + 1) : undefined;

/** What the payload brings lies in `folder` then; what it names is read where the worker has it. */
export const sourceFile = async (source: IngestSource, folder: string, context: TaskContext): Promise<StagedSource> => {
  const {
    content,
    content_base64: base64,
    dataset,
    url,
    headers,
    file_name,
    format,
    entry,
    sheet,
    ...options
  } = source;
  const facts = { name, format: dataset === undefined ? format : ('parquet' as const), entry, sheet, options };
  const reference = referenceOf(source);
  if (reference !== undefined) {
    const { path } = await context.openData(reference);
    const fileName = file_name ?? nameIn(reference);
    return { ...facts, path, borrowed: true, copyTo: join(folder, 'copy'), fileName };
  }
  const path = join(folder, 'source');
  const bytes =
    url === undefined ? (content ?? Buffer.from(base64 ?? '', 'base64')) : await download(url, headers, context);
  await writeFile(path, bytes, { mode: 0o600 });
  const fileName = file_name ?? (url === undefined ? undefined : lastPart(url));
  return { ...facts, path, isText: content !== undefined, fileName };
};
