// The one stream of a browser: HTTP/1.1 allows six connections to a server, and there may be twenty tabs.
import type { LiveMessage } from './live-event.js';
import { LiveStream } from './stream.js';
import type { FromTab } from './live-event.js';

declare const self: { onconnect: ((event: MessageEvent) => void) | null };

/** Tabs say that they are there every 20 s; browsers slow down those in the background to once a minute. */
const tabMs = 150_000;

const tabs = new Map<MessagePort, number>();
let stream: LiveStream | undefined;

const say = (message: LiveMessage): void => {
  if (message.kind === 'status' && message.status === 'ended') stream = undefined;
  for (const tab of tabs.keys()) tab.postMessage(message);
};

const start = (): void => {
  if (stream !== undefined) return;
  const current = new LiveStream(say);
  stream = current;
  void current.run();
};

const forget = (tab: MessagePort): void => {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  stream?.stop();
  stream = undefined;
};

const hear = (tab: MessagePort, message: FromTab): void => {
  tabs.set(tab, Date.now());
  if (message === 'bye') {
    forget(tab);
    return;
  }
  start();
  if (message === 'hello') tab.postMessage({ kind: 'status', status: stream?.connection ?? 'connecting' });
  if (message === 'wake') stream?.wake();
};

self.onconnect = ({ ports: [tab] }) => {
  if (tab === undefined) return;
  tab.onmessage = ({ data }: MessageEvent<FromTab>) => {
    hear(tab, data);
  };
};

// A tab that crashed says no goodbye.
setInterval(() => {
  for (const [tab, heardAt] of tabs) if (Date.now() - heardAt > tabMs) forget(tab);
}, tabMs / 5);
