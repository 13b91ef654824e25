// Sends a file under the hash of its content: what the server has is not sent again, and what broke off goes on.
import { sha256 } from '@noble/hashes/sha2.js';
import type { AcceptedIngest, UploadView } from '@pulser/contracts';

import { api } from '../api/client.js';
import { type ApiError, isApiError } from '../api/problem.js';
import { type DataFormat, minPartBytes, nextPartBytes } from './upload-plan.policy.js';

/** Bytes that are hashed between two frames. */
const hashedAtOnce = 2 << 20;

/** So often a part is sent again when no answer came, each time after a longer wait. */
const maxRetries = 6;

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const nextFrame = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 0);
  });

const after = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(stopped());
    });
  });

const stopped = (): DOMException => new DOMException('The upload was stopped', 'AbortError');

/** SHA-256 of a file, read piece by piece: `crypto.subtle` would need all of it in memory. */
const hashOf = async (file: Blob, onBytes: (done: number) => void, signal: AbortSignal): Promise<string> => {
  const hash = sha256.create();
  for (let done = 0; done < file.size; done += hashedAtOnce) {
    if (signal.aborted) throw stopped();
    const piece = file.slice(done, done + hashedAtOnce);
    hash.update(new Uint8Array(await piece.arrayBuffer()));
    onBytes(done + piece.size);
    await nextFrame();
  }
  return hex(hash.digest());
};

const pathOf = (hash: string): string => `/api/v1/uploads/${hash}`;

/** From this byte up to, and without, that one. */
interface Part {
  readonly from: number;
  readonly to: number;
}

const sendPart = (file: Blob, hash: string, { from, to }: Part, signal: AbortSignal): Promise<UploadView> =>
  api.patch<UploadView>(pathOf(hash), file.slice(from, to), {
    headers: {
      'content-type': 'application/partial-upload',
      'upload-offset': String(from),
      'upload-complete': to === file.size ? '?1' : '?0',
    },
    signal,
  });

/** Where the server says that the upload ended, when a part began at another place; undefined for other errors. */
const offsetIn = (error: unknown): number | undefined => {
  if (!isApiError(error, 'upload_offset_mismatch')) return undefined;
  const offset = error.facts.problem?.['offset'];
  return typeof offset === 'number' ? offset : undefined;
};

const isWorthARetry = (error: unknown): error is ApiError =>
  isApiError(error) && (error.isTransient || error.code === 'request_timeout');

/**
 * Sends what the server does not have yet. The first part begins at 0: of a whole file nothing is read then, and of a part of
 * one the answer says where to go on.
 * @param onBytes is called with the bytes that the server has
 * @throws ApiError when it is refused, or when no answer came several times; the AbortError of `signal`
 */
const sendFile = async (
  file: Blob,
  hash: string,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<void> => {
  let retries = 0;
  let from = 0;
  let partBytes = minPartBytes;
  for (;;) {
    const to = Math.min(file.size, from + partBytes);
    const startedAt = performance.now();
    try {
      const { bytes, complete } = await sendPart(file, hash, { from, to }, signal);
      if (complete) break;
      partBytes = nextPartBytes(to - from, performance.now() - startedAt);
      from = bytes;
      retries = 0;
    } catch (error) {
      const offset = offsetIn(error);
      if (offset === undefined && (!isWorthARetry(error) || retries >= maxRetries)) throw error;
      if (offset !== undefined && offset === from) throw error;
      retries += 1;
      if (offset === undefined) await after(waitOf(error, retries), signal);
      else from = offset;
    }
    onBytes(from);
  }
  onBytes(file.size);
};

/** Milliseconds until the next try: what the server asks for, or twice as long each time. */
const waitOf = (error: unknown, retries: number): number => {
  const asked = isApiError(error) ? error.facts.retryAfterS : undefined;
  return asked === undefined ? 500 * 2 ** retries : asked * 1_000;
};

export interface DatasetFile {
  readonly file: File;
  /** Name of the dataset whose next version it becomes. */
  readonly dataset: string;
  /** Undefined: found from what is in the file. */
  readonly format: DataFormat | undefined;
}

/** Both are called with bytes of the file. */
interface SendProgress {
  readonly onRead: (done: number) => void;
  readonly onSent: (done: number) => void;
}

/** Sends a file as the next version of a dataset. @returns the task that reads it @throws as `sendFile` does */
export const sendDataset = async (
  { file, dataset, format }: DatasetFile,
  { onRead, onSent }: SendProgress,
  signal: AbortSignal,
): Promise<AcceptedIngest> => {
  const hash = await hashOf(file, onRead, signal);
  await sendFile(file, hash, onSent, signal);
  const order = { upload: hash, file_name: file.name.slice(0, 200), ...(format !== undefined && { format }) };
  const idempotencyKey = crypto.randomUUID();
  return api.post<AcceptedIngest>(`/api/v1/datasets/${encodeURIComponent(dataset)}`, order, { idempotencyKey, signal });
};
