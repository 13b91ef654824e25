// One stream of events from the gateway, mended when it breaks: it goes on where it was, or says that something was missed.
import type { ConnectionStatus, LiveMessage } from './live-event.js';
import { SentEvents, type SentEvent } from './sse.policy.js';
import { messagesOf } from './stream-events.policy.js';

const path = '/api/v1/events';

/** Milliseconds. The gateway sends a comment every 15 s: silence that is longer means that nothing comes any more. */
const silenceMs = 40_000;
const firstRetryMs = 500;
const maxRetryMs = 10_000;
/** A connection that breaks and is mended at once is not worth a word. */
const lostAfterMs = 2_500;

/** Half of the wait is drawn by lot, so that the tabs of many people do not come back at the same moment. */
export const retryDelay = (attempt: number, lot: number): number => {
  const full = Math.min(firstRetryMs * 2 ** attempt, maxRetryMs);
  return full / 2 + (full / 2) * lot;
};

export class LiveStream {
  private lastId = '';
  private attempt = 0;
  private status: ConnectionStatus = 'connecting';
  private abort: AbortController | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private lost: ReturnType<typeof setTimeout> | undefined;
  private wakeUp: (() => void) | undefined;

  constructor(private readonly say: (message: LiveMessage) => void) {}

  get connection(): ConnectionStatus {
    return this.status;
  }

  /** Runs until `stop`, or until the session is over. */
  async run(): Promise<void> {
    this.abort = new AbortController();
    const { signal } = this.abort;
    for (;;) {
      const refused = await this.connect(signal);
      if (refused || signal.aborted) return;
      this.expectSoon();
      await this.pause(retryDelay(this.attempt, Math.random()));
      this.attempt += 1;
    }
  }

  /** Tries again at once: the network is back, or the page is visible again. */
  wake(): void {
    this.wakeUp?.();
  }

  stop(): void {
    this.abort?.abort();
    this.wakeUp?.();
    for (const timer of [this.silence, this.lost]) clearTimeout(timer);
  }

  /** @returns whether the gateway lets this browser in no more */
  private async connect(signal: AbortSignal): Promise<boolean> {
    const own = new AbortController();
    const stop = (): void => {
      own.abort();
    };
    signal.addEventListener('abort', stop);
    try {
      const response = await fetch(path, {
        headers: { accept: 'text/event-stream', ...(this.lastId !== '' && { 'last-event-id': this.lastId }) },
        cache: 'no-store',
        signal: own.signal,
      });
      if (response.status === 401) {
        this.become('ended');
        return true;
      }
      // A cursor that this server does not understand is of no use.
      if (response.status === 400) this.lastId = '';
      if (!response.ok || response.body === null) return false;
      this.opened();
      await this.read(response.body, stop);
    } catch {
      // Whatever broke it, the answer is the same: try again.
    } finally {
      clearTimeout(this.silence);
      signal.removeEventListener('abort', stop);
    }
    return false;
  }

  private opened(): void {
    this.attempt = 0;
    clearTimeout(this.lost);
    this.lost = undefined;
    this.become('open');
  }

  private async read(body: ReadableStream<Uint8Array>, giveUp: () => void): Promise<void> {
    const events = new SentEvents();
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      clearTimeout(this.silence);
      this.silence = setTimeout(giveUp, silenceMs);
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of events.read(value)) this.take(event);
    }
  }

  private take(event: SentEvent): void {
    if (event.id !== '') this.lastId = event.id;
    for (const message of messagesOf(event)) this.say(message);
  }

  private expectSoon(): void {
    this.lost ??= setTimeout(() => {
      this.become('lost');
    }, lostAfterMs);
  }

  private become(status: ConnectionStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.say({ kind: 'status', status });
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
