// The stream as a tab sees it: one for all tabs by a shared worker; where there is none, one tab leads and tells the others.
import type { ConnectionStatus, LiveMessage, TaskChange, WatchedThing } from './live-event.js';
import sharedWorkerUrl from './live.shared-worker.ts?sharedworker&url';
import { LiveStream } from './stream.js';
import type { FromTab } from './live-event.js';
import { workerUrl } from './trusted.js';

type Unsubscribe = () => void;

const hereEveryMs = 20_000;
const channelName = 'pulser.live';

/** The connection to the stream, held by the shared worker or by a leading tab. */
interface Link {
  readonly send: (message: FromTab) => void;
}

const throughWorker = (hear: (message: LiveMessage) => void): Link => {
  const { port } = new SharedWorker(workerUrl(sharedWorkerUrl), { name: 'pulser-live', type: 'module' });
  port.onmessage = ({ data }: MessageEvent<LiveMessage>) => {
    hear(data);
  };
  port.start();
  return {
    send: (message) => {
      port.postMessage(message);
    },
  };
};

const alone = (hear: (message: LiveMessage) => void): Link => {
  let stream: LiveStream | undefined;
  const say = (message: LiveMessage): void => {
    if (message.kind === 'status' && message.status === 'ended') stream = undefined;
    hear(message);
  };
  return {
    send: (message) => {
      if (message === 'hello') {
        if (stream === undefined) {
          stream = new LiveStream(say);
          void stream.run();
        }
        hear({ kind: 'status', status: stream.connection });
      }
      if (message === 'wake') stream?.wake();
      if (message === 'bye') stream?.stop();
    },
  };
};

/** The tab that gets the lock has the stream; when it is closed, the next one gets it. */
const throughLeader = (hear: (message: LiveMessage) => void): Link => {
  const channel = new BroadcastChannel(channelName);
  let leads = false;
  const own = alone((message) => {
    hear(message);
    channel.postMessage(message);
  });
  channel.onmessage = ({ data }: MessageEvent<LiveMessage | FromTab>) => {
    if (typeof data === 'object') hear(data);
    else if (leads && data !== 'bye') own.send(data);
  };
  void navigator.locks.request(channelName, () => {
    leads = true;
    own.send('hello');
    // Kept until the tab is gone.
    return new Promise<never>(() => undefined);
  });
  return {
    send: (message) => {
      if (leads) own.send(message);
      else if (message !== 'bye') channel.postMessage(message);
    },
  };
};

const linkOf = (hear: (message: LiveMessage) => void): Link => {
  if ('SharedWorker' in globalThis) return throughWorker(hear);
  return 'locks' in navigator && 'BroadcastChannel' in globalThis ? throughLeader(hear) : alone(hear);
};

class Live {
  private link: Link | undefined;
  private current: ConnectionStatus = 'connecting';
  private readonly onChanges = new Set<(changes: readonly TaskChange[]) => void>();
  private readonly onHint = new Set<(what: readonly WatchedThing[]) => void>();
  private readonly onReset = new Set<() => void>();
  private readonly onStatus = new Set<() => void>();

  get status(): ConnectionStatus {
    return this.current;
  }

  /** Connects, once; after the end of a session again. */
  start(): void {
    if (this.link !== undefined) {
      if (this.current === 'ended') this.link.send('hello');
      return;
    }
    const link = linkOf((message) => {
      this.hear(message);
    });
    this.link = link;
    link.send('hello');
    setInterval(() => {
      link.send('here');
    }, hereEveryMs);
    const wake = (): void => {
      if (document.visibilityState === 'visible') link.send('wake');
    };
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    addEventListener('pagehide', () => {
      link.send('bye');
    });
    // Back from the cache of pages that were left.
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      link.send('hello');
      this.hear({ kind: 'reset' });
    });
  }

  whenChanged(listener: (changes: readonly TaskChange[]) => void): Unsubscribe {
    this.onChanges.add(listener);
    return () => this.onChanges.delete(listener);
  }

  whenHinted(listener: (what: readonly WatchedThing[]) => void): Unsubscribe {
    this.onHint.add(listener);
    return () => this.onHint.delete(listener);
  }

  whenReset(listener: () => void): Unsubscribe {
    this.onReset.add(listener);
    return () => this.onReset.delete(listener);
  }

  whenStatus(listener: () => void): Unsubscribe {
    this.onStatus.add(listener);
    return () => this.onStatus.delete(listener);
  }

  private hear(message: LiveMessage): void {
    switch (message.kind) {
      case 'tasks':
        for (const listener of this.onChanges) listener(message.changes);
        break;
      case 'hint':
        for (const listener of this.onHint) listener(message.what);
        break;
      case 'reset':
        for (const listener of this.onReset) listener();
        break;
      case 'status':
        this.current = message.status;
        for (const listener of this.onStatus) listener();
        break;
    }
  }
}

/** The one of this tab. */
export const live = new Live();
