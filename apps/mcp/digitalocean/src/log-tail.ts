// The end of a log behind an address that DigitalOcean gives: an archive that ends, or a stream that does not.
import { asToolError, errorOfStatus, tailOf, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';

export interface LogTail {
  readonly text: string;
  readonly truncated: boolean;
}

export interface TailLimits {
  readonly maxBytes: number;
  readonly maxLines: number;
  /** Milliseconds after which a stream is left; none for an archive. */
  readonly leaveAfterMs?: number;
}

/** The last lines of a text that may start in the middle of one. */
export const lastLines = (text: string, { maxBytes, maxLines }: TailLimits): LogTail => {
  const tail = tailOf(text, maxBytes);
  const lines = tail.text.split('\n');
  // A text that ends with a line has an empty one behind it.
  const kept = lines.slice(-(maxLines + (lines.at(-1) === '' ? 1 : 0)));
  return { text: kept.join('\n'), truncated: tail.truncated || kept.length < lines.length };
};

const isLeft = (leave: AbortSignal | undefined, call: ToolCallContext): boolean =>
  leave?.aborted === true && !call.signal.aborted;

/** Keeps the end of what comes, so that a long log needs no more memory than a short one. */
const endOf = async (
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  over: () => boolean,
): Promise<{ bytes: Buffer; cut: boolean }> => {
  let bytes = Buffer.alloc(0);
  let cut = false;
  try {
    for await (const part of body) {
      bytes = Buffer.concat([bytes, part]);
      if (bytes.length <= maxBytes * 2) continue;
      bytes = Buffer.from(bytes.subarray(bytes.length - maxBytes - 1));
      cut = true;
    }
  } catch (error) {
    if (!over()) throw asToolError(error);
  }
  return { bytes, cut };
};

/** A body that is not read would keep its connection. */
const left = async (response: Response): Promise<LogTail> => {
  await response.body?.cancel();
  return { text: '', truncated: false };
};

const startsLate = (response: Response): boolean => /^bytes [1-9]/.test(response.headers.get('content-range') ?? '');

/**
 * @param url with a signature of its own: it is asked without the token, and shown nowhere
 * @throws ToolError
 */
export const logTail = async (call: ToolCallContext, url: string, limits: TailLimits): Promise<LogTail> => {
  const leave = limits.leaveAfterMs === undefined ? undefined : AbortSignal.timeout(limits.leaveAfterMs);
  const over = (): boolean => isLeft(leave, call);
  // An archive is asked for its end alone; a store that cannot do that sends it whole.
  const headers = leave === undefined ? { range: `bytes=-${limits.maxBytes}` } : undefined;
  let response: Response;
  try {
    response = await call.fetch(url, { ...(headers && { headers }), ...(leave && { signal: leave }) });
  } catch (error) {
    if (over()) return { text: '', truncated: false };
    throw asToolError(error);
  }
  if (response.status === 416) return left(response);
  if (!response.ok) {
    await left(response);
    throw errorOfStatus({ backend: 'The store of the logs', status: response.status });
  }
  if (response.body === null) throw new ToolError('upstream_error', 'The store of the logs answered without a log');
  const { bytes, cut } = await endOf(response.body, limits.maxBytes, over);
  const tail = lastLines(bytes.toString('utf8'), limits);
  return { text: tail.text, truncated: tail.truncated || cut || startsLate(response) };
};
