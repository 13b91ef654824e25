// The logs of failed steps out of the archive of a run, which may be large, broken or a bomb.
import { asToolError, errorOfStatus, tailOf, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type { Entry, ZipFile } from 'yauzl';

export interface FailedStep {
  readonly job: string;
  readonly number: number;
  readonly name: string;
}

export interface StepLog extends FailedStep {
  /** The end of the log. */
  readonly log: string;
  readonly truncated: boolean;
  /** Of the whole job, because the archive has none of the step. */
  readonly of_job: boolean;
  /** Why there is no log. */
  readonly missing: string | null;
}

/** What is at a signed address: fetched without the token, as far as the guarded fetch lets a body grow. */
export const downloaded = async (call: ToolCallContext, url: string): Promise<Buffer> => {
  const response = await call.fetch(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw errorOfStatus({ backend: 'The store of the logs', status: response.status });
  }
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw asToolError(error);
  }
};

const maxEntries = 10_000;
/** Bytes that are unpacked: of one log, of all. */
const maxLog = 50_000_000;
const maxLogs = 200_000_000;

// As GitHub names a job's folder.
const folderOf = (job: string): string => job.replaceAll(/[/:]/g, '').slice(0, 90);

const broken = (error: unknown): ToolError =>
  new ToolError(
    'upstream_error',
    `The archive of logs cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );

const entriesOf = async (zip: ZipFile): Promise<readonly Entry[]> => {
  if (zip.entryCount > maxEntries) throw new Error(`it has more than ${maxEntries} entries`);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
};

interface FoundEntry {
  readonly entry: Entry;
  readonly ofJob: boolean;
}

const entryOf = (entries: readonly Entry[], { job, number }: FailedStep): FoundEntry | undefined => {
  const folder = folderOf(job);
  const step = entries.find(({ fileName }) => fileName.startsWith(`${folder}/${number}_`));
  if (step !== undefined) return { entry: step, ofJob: false };
  const whole = entries.find(({ fileName }) => fileName.replace(/^-?\d+_/, '') === `${folder}.txt`);
  return whole && { entry: whole, ofJob: true };
};

// Colours and cursor movements of terminals.
const terminal = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

const endOf = async (zip: ZipFile, entry: Entry, maxBytes: number): Promise<{ text: string; truncated: boolean }> => {
  let kept = Buffer.alloc(0);
  let bytes = 0;
  for await (const part of await zip.openReadStreamPromise(entry)) {
    bytes += (part as Buffer).length;
    kept = Buffer.concat([kept, part as Buffer]);
    // One byte more than asked for shows that there was more; cut now and then, not at each part.
    if (kept.length > maxBytes * 2 + 65_536) kept = Buffer.from(kept.subarray(kept.length - maxBytes - 1));
  }
  const { text, truncated } = tailOf(kept.toString('utf8').replace(terminal, ''), maxBytes);
  return { text, truncated: truncated || bytes > kept.length };
};

const without = (step: FailedStep, missing: string): StepLog => ({
  ...step,
  log: '',
  truncated: false,
  of_job: false,
  missing,
});

/**
 * The ends of the logs of steps, each of at most so many bytes.
 * @throws ToolError when the archive is broken
 */
export const stepLogs = async (archive: Buffer, steps: readonly FailedStep[], maxBytes: number): Promise<StepLog[]> => {
  const { fromBufferPromise } = (await import('yauzl')).default;
  let room = maxLogs;
  try {
    const zip = await fromBufferPromise(archive, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
    const entries = await entriesOf(zip);
    const logs: StepLog[] = [];
    for (const step of steps) {
      const found = entryOf(entries, step);
      const size = found?.entry.uncompressedSize ?? 0;
      if (found === undefined) logs.push(without(step, 'The archive has no log of this step'));
      else if (size > maxLog || size > room)
        logs.push(without(step, `The log has ${size} bytes, which is too much to unpack`));
      else {
        room -= size;
        const { text, truncated } = await endOf(zip, found.entry, maxBytes);
        logs.push({ ...step, log: text, truncated, of_job: found.ofJob, missing: null });
      }
    }
    return logs;
  } catch (error) {
    throw broken(error);
  }
};
