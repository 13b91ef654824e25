// The files that this tab sends: they go on while other pages are looked at. One is read and sent at a time; what its task
// does with it then is waited for beside the next one.
import type { DatasetVersionView, DatasetView, TaskView } from '@pulser/contracts';
import { useSyncExternalStore } from 'react';

import { api } from '../../api/client.js';
import { hasEnded } from '../../api/task-states.js';
import { type DatasetFile, sendDataset } from '../../datasets/send-file.js';

export type UploadPhase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly done: number }
  | { readonly kind: 'sending'; readonly done: number; readonly bytesPerS: number | undefined }
  | { readonly kind: 'making'; readonly taskId: string }
  | { readonly kind: 'done'; readonly taskId: string; readonly version: DatasetVersionView | undefined }
  /** The task could not read the file. */
  | { readonly kind: 'refused'; readonly taskId: string; readonly message: string }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped' };

export interface Upload extends DatasetFile {
  readonly id: number;
  readonly phase: UploadPhase;
}

let uploads: readonly Upload[] = [];
let nextId = 1;
let isBusy = false;
const stops = new Map<number, AbortController>();
const listeners = new Set<() => void>();

const set = (next: readonly Upload[]): void => {
  uploads = next;
  for (const listener of listeners) listener();
};

const setPhase = (id: number, phase: UploadPhase): void => {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, phase } : upload)));
};

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

const send = async (upload: Upload, signal: AbortSignal): Promise<string> => {
  const { id } = upload;
  let started: { readonly at: number; readonly bytes: number } | undefined;
  const progress = {
    onRead: (done: number) => {
      setPhase(id, { kind: 'reading', done });
    },
    onSent: (done: number) => {
      started ??= { at: performance.now(), bytes: done };
      const ms = performance.now() - started.at;
      const bytesPerS = done > started.bytes && ms > 0 ? ((done - started.bytes) / ms) * 1_000 : undefined;
      setPhase(id, { kind: 'sending', done, bytesPerS });
    },
  };
  return (await sendDataset(upload, progress, signal)).task_id;
};

/** The task at its end. It is the server that waits, up to 20 s a request. */
const endOf = async (taskId: string, signal: AbortSignal): Promise<TaskView> => {
  for (;;) {
    const task = await api.get<TaskView>(`/api/v1/tasks/${taskId}`, { query: { wait: '20s' }, signal });
    if (hasEnded(task)) return task;
  }
};

const follow = async ({ id, dataset }: Upload, taskId: string, signal: AbortSignal): Promise<void> => {
  setPhase(id, { kind: 'making', taskId });
  const { status, error } = await endOf(taskId, signal);
  if (status !== 'completed') {
    setPhase(id, { kind: 'refused', taskId, message: error?.message ?? `The task was ${status}` });
    return;
  }
  const query = { made_by: taskId };
  const { versions } = await api.get<DatasetView>(`/api/v1/datasets/${dataset}`, { query, signal });
  setPhase(id, { kind: 'done', taskId, version: versions[0] });
};

/** What went wrong, unless it was stopped: then somebody said so already. */
const fail = (id: number, error: unknown): void => {
  setPhase(id, isAbort(error) ? { kind: 'stopped' } : { kind: 'failed', error });
};

const run = async (upload: Upload): Promise<void> => {
  const stop = new AbortController();
  stops.set(upload.id, stop);
  try {
    const taskId = await send(upload, stop.signal);
    void follow(upload, taskId, stop.signal).catch((error: unknown) => {
      fail(upload.id, error);
    });
  } catch (error) {
    fail(upload.id, error);
  }
};

const work = async (): Promise<void> => {
  if (isBusy) return;
  isBusy = true;
  for (;;) {
    const next = uploads.find(({ phase }) => phase.kind === 'waiting');
    if (next === undefined) break;
    await run(next);
  }
  isBusy = false;
};

/** Sends these files, one after the other. */
export const startUploads = (files: readonly DatasetFile[]): void => {
  const added = files.map((file, index): Upload => ({ ...file, id: nextId + index, phase: { kind: 'waiting' } }));
  nextId += files.length;
  set([...uploads, ...added]);
  void work();
};

/** Stops sending; what the server has by then it keeps, for `goOn`. */
export const stopUpload = (id: number): void => {
  const upload = uploads.find((one) => one.id === id);
  if (upload?.phase.kind === 'waiting') setPhase(id, { kind: 'stopped' });
  else stops.get(id)?.abort();
};

/** Goes on where an upload was stopped or failed: its hash says what the server has. */
export const goOnWithUpload = (id: number): void => {
  setPhase(id, { kind: 'waiting' });
  void work();
};

/** Takes one that has ended off the list. */
export const dismissUpload = (id: number): void => {
  stops.delete(id);
  set(uploads.filter((upload) => upload.id !== id));
};

export const useUploads = (): readonly Upload[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
