// Server-sent events as they come over a stream: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

export interface SentEvent {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The last id that the stream has named, also before this event. */
  readonly id: string;
}

interface Open {
  event: string;
  data: string[];
}

const fieldOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
};

/** Reads a stream piece by piece; a piece may end anywhere, also between the two signs of a line's end. */
export class SentEvents {
  private rest = '';
  private lastId = '';
  private open: Open = { event: '', data: [] };

  /** The events that this piece completes. */
  read(piece: string): SentEvent[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.take(line));
  }

  private take(line: string): SentEvent[] {
    if (line === '') return this.dispatch();
    const [name, value] = fieldOf(line);
    if (name === 'event') this.open.event = value;
    else if (name === 'data') this.open.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.lastId = value;
    return [];
  }

  private dispatch(): SentEvent[] {
    const { event, data } = this.open;
    this.open = { event: '', data: [] };
    return data.length === 0 ? [] : [{ event: event || 'message', data: data.join('\n'), id: this.lastId }];
  }
}
