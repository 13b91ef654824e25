// A complete answer.
import { TextDecoder } from 'node:util';

import { OutgoingFailed } from '../errors.js';

const charset = /;\s*charset="?([^\s";]+)/i;

const decoderFor = (contentType = ''): TextDecoder => {
  try {
    return new TextDecoder(charset.exec(contentType)?.[1]);
  } catch {
    // Unknown charset: UTF-8 is the most likely.
    return new TextDecoder();
  }
};

export interface OutgoingAnswer {
  readonly status: number;
  /** Lower-case name to value; repeated headers are joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded (gzip, br), within the limit of the call. */
  readonly body: Uint8Array;
  /** URL of the last hop, after all redirects. */
  readonly url: string;
}

/** A complete answer, whatever its status. */
export class OutgoingResponse implements OutgoingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly url: string;

  constructor({ status, headers, body, url }: OutgoingAnswer) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.url = url;
  }

  /** Whether the status is one of success. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as text, by the charset of its Content-Type, or else UTF-8. */
  text(): string {
    return decoderFor(this.headers['content-type']).decode(this.body);
  }

  /** @throws OutgoingFailed `not_json` */
  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch {
      // Without the cause: the parser's message quotes the body.
      throw new OutgoingFailed('not_json', { origin: new URL(this.url).origin });
    }
  }
}
