import type { TaskChange } from '@pulser/contracts';

import { type Frame, keptMs, TenantFeed } from './tenant-feed.js';

const much = 1_000_000;

const change = (task_id: string, status: TaskChange['status'], more: Partial<TaskChange> = {}): TaskChange => ({
  task_id,
  task_type: 'analytics',
  agent: 'dash',
  status,
  attempt: 1,
  at: '2026-11-23T10:00:00.000Z',
  ...more,
});

interface Sent {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly id: string | undefined;
}

const sent = (frame: Frame | undefined): Sent[] =>
  (frame?.bytes.toString() ?? '')
    .split('\n\n')
    .filter((text) => text !== '')
    .map((text) => {
      const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
      return { event: line('event') ?? '', data: JSON.parse(line('data') ?? '{}') as Sent['data'], id: line('id') };
    });

/** A feed, and what a client that takes everything is sent at each flush. */
const started = () => {
  const feed = new TenantFeed();
  let seq = feed.seq;
  const flushed = (now: number, maxBytes = much): Sent[] => {
    feed.flush(now, maxBytes);
    const frame = feed.after(seq);
    seq = feed.seq;
    return sent(frame);
  };
  return { feed, flushed };
};

describe('the feed of a tenant', () => {
  it('sends one change as a task, and several of one moment together', () => {
    const { feed, flushed } = started();
    feed.add(change('a', 'running'));
    expect(flushed(0)).toEqual([{ event: 'task', data: change('a', 'running'), id: feed.cursor }]);
    feed.add(change('a', 'completed'));
    feed.add(change('b', 'running'));
    expect(flushed(200)).toMatchObject([
      { event: 'tasks', data: { changes: [change('a', 'completed'), change('b', 'running')], left_out: {} } },
    ]);
    expect(flushed(400)).toEqual([]);
  });

  it('sends a task once for all that happened to it in a moment, with what its submission said', () => {
    const { feed, flushed } = started();
    feed.add(change('a', 'queued', { attempt: 0, priority: 'high', operation: 'query' }));
    feed.add(change('a', 'running'));
    feed.add(change('a', 'completed'));
    expect(flushed(0)).toMatchObject([
      { event: 'task', data: change('a', 'completed', { priority: 'high', operation: 'query' }) },
    ]);
  });

  it('never lets a task that has ended seem open again because a message was late', () => {
    const { feed, flushed } = started();
    feed.add(change('a', 'completed'));
    feed.add(change('a', 'queued'));
    expect(flushed(0)[0]?.data).toMatchObject({ status: 'completed' });
    feed.add(change('a', 'queued'));
    expect(flushed(200)).toEqual([]);
  });

  it('leaves out what is too much for a page, counts it, and asks for another look', () => {
    const { feed, flushed } = started();
    let leftOut = 0;
    for (let n = 0; n < 500; n += 1) leftOut += feed.add(change(`c${n}`, 'completed'));
    const [hint, tasks] = flushed(0);
    expect(hint).toMatchObject({ event: 'hint', data: { what: ['tasks'] }, id: undefined });
    const { changes, left_out } = tasks?.data as { changes: TaskChange[]; left_out: Record<string, number> };
    expect([changes.length + leftOut, left_out]).toEqual([500, { completed: leftOut }]);
  });

  it('has room for failures when there is none for others', () => {
    const { feed, flushed } = started();
    for (let n = 0; n < 500; n += 1) feed.add(change(`c${n}`, 'completed'));
    feed.add(change('f', 'failed', { code: 'x'.repeat(1_000) }));
    const changes = flushed(0).at(-1)?.data['changes'] as TaskChange[];
    expect(changes.filter(({ status }) => status === 'failed')).toMatchObject([
      { task_id: 'f', code: 'x'.repeat(200) },
    ]);
  });

  it('hints at most every two seconds, also at the dead letter of a failure', () => {
    const { feed, flushed } = started();
    feed.add(change('a', 'failed'));
    expect(flushed(0)).toMatchObject([{ event: 'hint', data: { what: ['dead-letters'] } }, { event: 'task' }]);
    feed.hint('pauses');
    expect(flushed(1_000)).toEqual([]);
    expect(flushed(2_000)).toMatchObject([{ event: 'hint', data: { what: ['pauses'] }, id: feed.cursor }]);
  });

  it('goes on after any cursor of the last minute, without a gap', () => {
    const { feed } = started();
    const cursors = [feed.cursor];
    for (let n = 0; n < 5; n += 1) {
      feed.add(change(`t${n}`, 'running'));
      feed.flush(n, much);
      cursors.push(feed.cursor);
    }
    const rest = cursors.map((cursor) => {
      const ids: unknown[] = [];
      for (let seq = feed.resume(cursor) ?? NaN; ; seq += 1) {
        const frame = feed.after(seq);
        if (frame === undefined) return ids;
        ids.push(...sent(frame).map(({ data }) => data['task_id']));
      }
    });
    expect(rest).toEqual([0, 1, 2, 3, 4, 5].map((from) => ['t0', 't1', 't2', 't3', 't4'].slice(from)));
  });

  it('knows no cursor that is older than a minute, that another feed made, or that it has not made yet', () => {
    const { feed } = started();
    const old = feed.cursor;
    feed.add(change('a', 'running'));
    feed.flush(0, much);
    const young = feed.cursor;
    feed.flush(keptMs + 1, much);
    expect(feed.resume(young)).toBe(feed.seq);
    const unknown = [old, new TenantFeed().cursor, young.replace(/\d+$/, '7')];
    expect(unknown.map((cursor) => feed.resume(cursor))).toEqual([undefined, undefined, undefined]);
  });

  it('keeps no more bytes than it may', () => {
    const { feed } = started();
    const first = feed.cursor;
    for (let n = 0; n < 100; n += 1) {
      feed.add(change(`t${n}`, 'running'));
      feed.flush(n, 1_000);
    }
    feed.flush(100, 1_000);
    expect(feed.bytes).toBeLessThanOrEqual(1_000);
    expect(feed.bytes).toBeGreaterThan(0);
    expect([feed.resume(first), feed.missed(0)]).toEqual([undefined, 'slow']);
  });

  it('says after a gap that everything must be read again', () => {
    const { feed, flushed } = started();
    const before = feed.cursor;
    const { seq } = feed;
    feed.add(change('a', 'running'));
    feed.interrupt();
    expect([feed.resume(before), feed.missed(seq), feed.missed(feed.seq)]).toEqual([undefined, 'gap', undefined]);
    expect(flushed(0)).toEqual([]);
  });
});
