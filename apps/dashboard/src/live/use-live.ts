// How components hear of what happens: each change, or their queries asked again.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';

import { callerQuery } from '../session/session.js';
import { live } from './live.js';
import type { ConnectionStatus, TaskChange, WatchedThing } from './live-event.js';

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      /** Asked again when what it shows changes, at most once in so many milliseconds. */
      readonly liveEveryMs?: number;
      /** What it shows; tasks unless said otherwise. */
      readonly shows?: readonly WatchedThing[];
    };
  }
}

export const useConnection = (): ConnectionStatus =>
  useSyncExternalStore(
    (listener) => live.whenStatus(listener),
    () => live.status,
  );

/** Calls back with every change of a task, some at a time: at most ten calls a second. */
export const useTaskChanges = (listener: (changes: readonly TaskChange[]) => void): void => {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      live.whenChanged((changes) => {
        latest.current(changes);
      }),
    [],
  );
};

/** Calls back when something changed that the stream names without saying how, and at least every 30 s. */
export const useHints = (listener: (what: readonly WatchedThing[]) => void): void => {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      live.whenHinted((what) => {
        latest.current(what);
      }),
    [],
  );
};

const showsTasks: readonly WatchedThing[] = ['tasks'];

/** Asks queries again when what they show has changed: at once, then at most as often as they say. */
class Refresher {
  private readonly askedAt = new Map<string, number>();
  private readonly changed = new Set<WatchedThing>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  /** @returns a function that ends it */
  start(): () => void {
    const stops = [
      live.whenChanged(() => {
        this.mark(showsTasks);
      }),
      live.whenHinted((what) => {
        this.mark(what);
      }),
      live.whenReset(() => {
        this.readAgain();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.timer);
    };
  }

  private readAgain(): void {
    // Another tab may have logged in as somebody else.
    void this.client.invalidateQueries({ queryKey: callerQuery.queryKey });
    for (const query of this.client.getQueryCache().findAll({ type: 'active' })) {
      if (query.meta?.liveEveryMs === undefined) continue;
      const ask = (): void => {
        void this.client.invalidateQueries({ queryKey: query.queryKey, exact: true });
      };
      // What is being asked for the first time is shown first, and asked again then.
      if (query.state.data === undefined && query.promise !== undefined) void query.promise.then(ask, () => undefined);
      else ask();
    }
  }

  private mark(what: readonly WatchedThing[]): void {
    for (const thing of what) this.changed.add(thing);
    // What belongs together comes within some milliseconds.
    this.timer ??= setTimeout(() => {
      this.refresh();
    }, 30);
  }

  private refresh(): void {
    this.timer = undefined;
    const now = Date.now();
    let next = Infinity;
    const waiting = new Set<WatchedThing>();
    for (const { meta, queryHash, queryKey } of this.client.getQueryCache().findAll({ type: 'active' })) {
      const { liveEveryMs, shows = showsTasks } = meta ?? {};
      const due = shows.filter((thing) => this.changed.has(thing));
      if (liveEveryMs === undefined || due.length === 0) continue;
      const restMs = (this.askedAt.get(queryHash) ?? 0) + liveEveryMs - now;
      if (restMs > 0) {
        next = Math.min(next, restMs);
        for (const thing of due) waiting.add(thing);
        continue;
      }
      this.askedAt.set(queryHash, now);
      void this.client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
    }
    this.changed.clear();
    for (const thing of waiting) this.changed.add(thing);
    if (next < Infinity)
      this.timer = setTimeout(() => {
        this.refresh();
      }, next);
  }
}

/** Keeps what is shown as new as the stream says; once, in the frame. */
export const useLiveUpdates = (): void => {
  const client = useQueryClient();
  useEffect(() => new Refresher(client).start(), [client]);
};
