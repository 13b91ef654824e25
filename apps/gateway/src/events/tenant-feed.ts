// What the event stream of a tenant sends: changes of its tasks and hints, made into frames of server-sent events that all
// its clients share, and kept for a minute for those that come back.
import { randomBytes } from 'node:crypto';

import {
  endStatuses,
  type StreamHint,
  type StreamReset,
  type TaskChange,
  type TaskChanges,
  type TaskStatus,
  type WatchedThing,
} from '@pulser/contracts';

/** Milliseconds for which frames are kept. */
export const keptMs = 60_000;

/** Changes in one frame; some of the room is for failures only, which a page would rather not miss. */
const maxChanges = 100;
const maxOthers = 80;

/** Milliseconds between two hints: a page reads lists again for each. */
const hintEveryMs = 2_000;

const maxCodeLength = 200;

const ends: ReadonlySet<TaskStatus> = new Set(endStatuses);

const hasEnded = (status: TaskStatus): boolean => ends.has(status);

/** Frames of server-sent events, the last with an id, and what names them. */
export interface Frame {
  readonly seq: number;
  readonly bytes: Buffer;
  /** Of a monotonic clock, milliseconds. */
  readonly at: number;
}

/** One event of a stream. JSON has no line breaks outside of its escapes, so the data is one line. */
export const block = (event: string, data: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Ids of the tasks that ended in the last one or two seconds: what comes of them afterwards is late. */
class RecentlyEnded {
  private static readonly turnMs = 1_000;
  private static readonly maxIds = 5_000;
  private young = new Set<string>();
  private old = new Set<string>();
  private turnedAt = -Infinity;

  add(taskId: string): void {
    if (this.young.size < RecentlyEnded.maxIds) this.young.add(taskId);
  }

  has(taskId: string): boolean {
    return this.young.has(taskId) || this.old.has(taskId);
  }

  turn(now: number): void {
    if (now - this.turnedAt < RecentlyEnded.turnMs) return;
    this.turnedAt = now;
    this.old = this.young;
    this.young = new Set();
  }
}

/**
 * The events of one tenant. What comes is gathered until `flush`, which makes one frame of it: each task once, with its last
 * state. Cursors are `<name of this feed>-<number of the frame>`, so that no other feed takes one for its own. Times are of a
 * monotonic clock, in milliseconds.
 */
export class TenantFeed {
  private readonly name = randomBytes(8).toString('hex');
  private pending = new Map<string, TaskChange>();
  private leftOut = new Map<TaskStatus, number>();
  private readonly hints = new Set<WatchedThing>();
  private hintedAt = -Infinity;
  private readonly ended = new RecentlyEnded();
  private frames: Frame[] = [];
  private keptBytes = 0;
  private last = 0;
  /** The newest frame that is kept no more. */
  private dropped = 0;
  /** The number at the last gap. */
  private gap = 0;

  /** The number of the newest frame. */
  get seq(): number {
    return this.last;
  }

  get bytes(): number {
    return this.keptBytes;
  }

  /** After the newest frame. */
  get cursor(): string {
    return this.cursorOf(this.last);
  }

  /** The number behind a cursor of this feed; undefined when what followed it is not known. */
  resume(cursor: string): number | undefined {
    const [name, text = ''] = cursor.split('-');
    const seq = Number(text);
    return name === this.name && seq >= this.dropped && seq <= this.last ? seq : undefined;
  }

  /** @returns the changes that were left out: 0 or 1 */
  add(change: TaskChange): number {
    const { task_id, status } = change;
    const known = this.pending.get(task_id);
    // Messages of several services overtake each other.
    if (!hasEnded(status) && (this.ended.has(task_id) || (known && hasEnded(known.status)))) return 0;
    if (hasEnded(status)) this.ended.add(task_id);
    if (status === 'failed') this.hints.add('dead-letters');
    if (known === undefined && this.pending.size >= (status === 'failed' ? maxChanges : maxOthers)) {
      this.leaveOut(status, 1);
      return 1;
    }
    this.pending.set(task_id, merged(known, change));
    return 0;
  }

  /** Counts changes that the next frame does not name. */
  leaveOut(status: TaskStatus, tasks: number): void {
    this.leftOut.set(status, (this.leftOut.get(status) ?? 0) + tasks);
    this.hints.add('tasks');
  }

  hint(...what: readonly WatchedThing[]): void {
    for (const thing of what) this.hints.add(thing);
  }

  /**
   * Makes a frame of what has come since the last one, and lets go of old ones.
   * @param maxBytes that may be kept
   * @returns the number of changes in the new frame; undefined when nothing has come
   */
  flush(now: number, maxBytes: number): number | undefined {
    this.ended.turn(now);
    this.letGo(now, maxBytes);
    const hints = this.hints.size > 0 && now - this.hintedAt >= hintEveryMs ? [...this.hints] : [];
    const changes = [...this.pending.values()];
    if (hints.length === 0 && changes.length === 0 && this.leftOut.size === 0) return undefined;
    this.keep(this.textOf(changes, hints), now);
    if (hints.length > 0) {
      this.hints.clear();
      this.hintedAt = now;
    }
    this.pending.clear();
    this.leftOut.clear();
    return changes.length;
  }

  /** The frame after a number; undefined when there is none yet. Only while `missed` is undefined. */
  after(seq: number): Frame | undefined {
    return this.frames[this.frames.length - (this.last - seq)];
  }

  /** Why a client that has got this number has missed something; undefined when it has not. */
  missed(seq: number): StreamReset['reason'] | undefined {
    if (seq < this.gap) return 'gap';
    return seq < this.dropped ? 'slow' : undefined;
  }

  /** Something may have been lost: whatever a client has seen, it reads again. */
  interrupt(): void {
    this.pending.clear();
    this.leftOut.clear();
    this.frames = [];
    this.keptBytes = 0;
    this.last += 1;
    this.dropped = this.last;
    this.gap = this.last;
  }

  private cursorOf(seq: number): string {
    return `${this.name}-${seq}`;
  }

  // The id comes with the last event: a client that is cut off between the two gets both again.
  private textOf(changes: readonly TaskChange[], hints: readonly WatchedThing[]): string {
    const id = this.cursorOf(this.last + 1);
    const hint = { what: hints } as StreamHint;
    if (changes.length === 0 && this.leftOut.size === 0) return block('hint', hint, id);
    const before = hints.length === 0 ? '' : block('hint', hint);
    const [only] = changes;
    if (only !== undefined && changes.length === 1 && this.leftOut.size === 0) return before + block('task', only, id);
    const several: TaskChanges = { changes: [...changes], left_out: Object.fromEntries(this.leftOut) };
    return before + block('tasks', several, id);
  }

  private keep(text: string, now: number): void {
    this.last += 1;
    const frame = { seq: this.last, bytes: Buffer.from(text), at: now };
    this.frames.push(frame);
    this.keptBytes += frame.bytes.length;
  }

  private letGo(now: number, maxBytes: number): void {
    let old = 0;
    for (const { bytes, at, seq } of this.frames) {
      if (now - at <= keptMs && this.keptBytes <= maxBytes) break;
      this.keptBytes -= bytes.length;
      this.dropped = seq;
      old += 1;
    }
    if (old > 0) this.frames.splice(0, old);
  }
}

/** What only a submission says is kept when the next state comes in the same moment. */
const merged = (known: TaskChange | undefined, change: TaskChange): TaskChange => {
  const { code } = change;
  const bounded =
    code !== undefined && code.length > maxCodeLength ? { ...change, code: code.slice(0, maxCodeLength) } : change;
  if (known === undefined) return bounded;
  const { operation, priority } = known;
  return { ...(operation !== undefined && { operation }), ...(priority !== undefined && { priority }), ...bounded };
};
