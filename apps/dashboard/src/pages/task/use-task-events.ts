// The events of one task, read as they come. A stream takes one of the six connections that a browser has to a server, so it
// is open only while the page is seen; afterwards it goes on with the event after the last.
import type { TaskEventView } from '@pulser/contracts';
import { useEffect, useState } from 'react';

import { send } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { SentEvents } from '../../live/sse.policy.js';

export interface TaskEvents {
  readonly events: readonly TaskEventView[];
  /** All of them are there, and none will follow. */
  readonly isComplete: boolean;
  readonly error: unknown;
}

const none: TaskEvents = { events: [], isComplete: false, error: undefined };

/** What comes within so many milliseconds is drawn at once. */
const drawEveryMs = 100;

const reconnectMs = 1_500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class TaskStream {
  private events: TaskEventView[] = [];
  private lastId: string | undefined;
  private isComplete = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reading: AbortController | undefined;

  constructor(
    private readonly taskId: string,
    private readonly onChange: (events: TaskEvents) => void,
  ) {}

  /** Reads until the end, through lost connections. */
  start(): void {
    if (this.reading !== undefined || this.isComplete) return;
    this.reading = new AbortController();
    void this.follow(this.reading.signal);
  }

  stop(): void {
    this.reading?.abort();
    this.reading = undefined;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (this.isOpen(signal)) {
      try {
        await this.read(signal);
      } catch (error) {
        if (!this.isOpen(signal)) return;
        if (isApiError(error) && !error.isTransient) {
          this.onChange({ events: this.events, isComplete: true, error });
          return;
        }
      }
      if (this.isOpen(signal)) await pause(reconnectMs);
    }
  }

  private isOpen(signal: AbortSignal): boolean {
    return !this.isComplete && !signal.aborted;
  }

  private async read(signal: AbortSignal): Promise<void> {
    const response = await send(`/api/v1/tasks/${encodeURIComponent(this.taskId)}/events`, {
      signal,
      headers: { accept: 'text/event-stream', ...(this.lastId !== undefined && { 'last-event-id': this.lastId }) },
    });
    const parser = new SentEvents();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      for (const { event, data, id } of parser.read(part.value)) {
        if (event === 'end') this.isComplete = true;
        else this.events.push(JSON.parse(data) as TaskEventView);
        if (id !== '') this.lastId = id;
      }
      this.drawSoon();
      if (this.isComplete) await reader?.cancel();
    }
  }

  private drawSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.onChange({ events: [...this.events], isComplete: this.isComplete, error: undefined });
    }, drawEveryMs);
  }
}

export const useTaskEvents = (taskId: string): TaskEvents => {
  const [state, setState] = useState<{ readonly of: string; readonly events: TaskEvents }>({
    of: taskId,
    events: none,
  });
  useEffect(() => {
    const stream = new TaskStream(taskId, (events) => {
      setState({ of: taskId, events });
    });
    const follow = (): void => {
      if (document.visibilityState === 'visible') stream.start();
      else stream.stop();
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stream.stop();
    };
  }, [taskId]);
  return state.of === taskId ? state.events : none;
};
