// E-mail through the server that the operator names: receivers are chosen by users, the server is not.
import { settlesWithin } from '@pulser/concurrency';
import { createTransport, type Transporter } from 'nodemailer';

import { emailContent } from './email.policy.js';
import type { Message } from './message.policy.js';
import type { Outcome } from './outcome.js';

/** Milliseconds that one message may take with its connection. */
export const smtpLimitMs = 20_000;

export interface SmtpSettings {
  /** `smtp://user:password@host:587` (STARTTLS where the server offers it) or `smtps://...:465`. */
  readonly url: string;
  /** Address of the sender, with or without a name. */
  readonly from: string;
}

export interface Email {
  readonly to: string;
  /** The same for every repeat: a UUID, the left side of the Message-ID. */
  readonly id: string;
  /** Ids of all notices in it. */
  readonly ids: readonly string[];
  readonly message: Message;
}

interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
}

const domainOf = (from: string): string => /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'pulser.invalid';

// 5xx is final (RFC 5321, 4.2.1), but not where the server refuses the login or asks for TLS: that is the operator's to mend.
const outcomeOfFailure = (error: unknown): Outcome => {
  const { code, responseCode } = Object(error) as SmtpError;
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const detail =
    status === undefined
      ? `The mail server cannot be used (${typeof code === 'string' ? code : 'unknown'})`
      : `The mail server answered ${status}`;
  // It is about this receiver: greylisting, a full mailbox. The server takes the mail of others.
  if (code === 'EENVELOPE')
    return status !== undefined && status >= 500 ? { kind: 'failed', detail } : { kind: 'retry', detail };
  return { kind: 'retry', detail, isAway: true };
};

/** A pool of a few connections to one server. */
export class SmtpSink {
  private readonly transport: Transporter;
  private readonly domain: string;

  constructor(private readonly settings: SmtpSettings) {
    this.domain = domainOf(settings.from);
    this.transport = createTransport({
      url: settings.url,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: smtpLimitMs,
      dnsTimeout: 5_000,
      // A message is made of texts: nothing in it may name a file or a URL to read.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, id, ids, message }: Email): Promise<Outcome> {
    const sent = this.transport.sendMail({
      from: this.settings.from,
      to: { name: '', address: to },
      messageId: `<${id}@${this.domain}>`,
      headers: {
        'X-Pulser-Notification-Ids': ids.join(' '),
        // Answering machines stay silent (RFC 3834).
        'Auto-Submitted': 'auto-generated',
      },
      ...emailContent(message),
    });
    if (!(await settlesWithin(smtpLimitMs, sent, { ref: false })))
      return { kind: 'retry', detail: `The mail server took longer than ${smtpLimitMs / 1_000} s`, isAway: true };
    return sent.then(
      () => ({ kind: 'delivered', detail: 'The mail server took it' }) as const,
      (error: unknown) => outcomeOfFailure(error),
    );
  }

  close(): void {
    this.transport.close();
  }
}
