// From a claimed message to one attempt to deliver it.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type ClaimedMessage, SecretsNotConfigured, SecretUnreadable, TenantSecrets } from '@pulser/context-bus';
import { Notice, systemTenantId } from '@pulser/contracts';
import { messageOf, type Message, type Outcome, sendToSlack, sendToWebhook, SmtpSink } from '@pulser/notify';
import { OutgoingClient } from '@pulser/outgoing';
import { BreakerOpen, Breakers, Logger } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';

export type Notices = readonly [Notice, ...Notice[]];

/** Undefined: a newer version wrote them. */
export const noticesOf = ({ parts }: Pick<ClaimedMessage, 'parts'>): Notices | undefined => {
  const [first, ...rest] = parts.flatMap(({ kind, content }) => {
    const { data } = Notice.safeParse({ kind, content });
    return data === undefined ? [] : [data];
  });
  return first === undefined || rest.length + 1 < parts.length ? undefined : [first, ...rest];
};

/** A confirmation or a test: a person waits for it, who has just set the destination up or mended it. */
export const isAskedFor = ({ parts }: Pick<ClaimedMessage, 'parts'>): boolean =>
  parts.some(({ kind }) => kind === 'confirmation' || kind === 'test');

/** What came of an attempt; `notAsked`: the last ones have failed, and this one was not made. */
export type Attempted = Outcome | { readonly kind: 'notAsked'; readonly detail: string };

const missing = (detail: string): Outcome => ({ kind: 'retry', detail });

class SinkAway extends Error {
  override readonly name = 'SinkAway';

  constructor(readonly outcome: Outcome) {
    super(outcome.detail);
  }
}

const isAway = (error: unknown): boolean => error instanceof SinkAway;

@Injectable()
export class Sinks implements OnApplicationShutdown {
  private readonly smtp: SmtpSink | undefined;

  constructor(
    private readonly env: HealthEnv,
    private readonly secrets: TenantSecrets,
    private readonly client: OutgoingClient,
    private readonly breakers: Breakers,
    private readonly logger: Logger,
  ) {
    this.smtp = env.SMTP_URL === undefined ? undefined : new SmtpSink({ url: env.SMTP_URL, from: env.SMTP_FROM });
  }

  async deliver(claimed: ClaimedMessage, notices: Notices): Promise<Attempted> {
    const { kind, secret, address } = claimed;
    const message = messageOf(notices, { publicUrl: this.env.PUBLIC_URL });
    switch (kind) {
      case 'log':
        return this.log(claimed, message);
      case 'email':
        return this.mail(claimed, message);
      case 'slack':
        return this.withSecret(claimed, secret, (url) => sendToSlack(this.client, url, message));
      case 'webhook':
        return this.withSecret(claimed, secret, (key) =>
          sendToWebhook(this.client, {
            url: address.url ?? '',
            secret: key,
            id: claimed.messageId,
            at: claimed.parts[0]?.at.toISOString() ?? '',
            notice: notices[0],
          }),
        );
      default: {
        const none: never = kind;
        return none;
      }
    }
  }

  onApplicationShutdown(): void {
    this.smtp?.close();
  }

  private log({ messageId }: ClaimedMessage, { subject, text, facts, severity }: Message): Outcome {
    const said = { notification_id: messageId, severity, text, ...Object.fromEntries(facts) };
    // The end of an incident has the level of its beginning, so that a reader of one level sees both.
    this.logger.warn(said, subject);
    return { kind: 'delivered', detail: 'It stands in the log' };
  }

  private async mail(claimed: ClaimedMessage, message: Message): Promise<Attempted> {
    const { smtp } = this;
    if (smtp === undefined) return missing('SMTP_URL is not set for the health service');
    const { messageId, parts, address } = claimed;
    const ids = parts.map(({ notificationId }) => notificationId);
    // All mail takes the same server.
    return this.guarded('smtp', claimed, () => smtp.send({ to: address.to ?? '', id: messageId, ids, message }));
  }

  private async guarded(member: string, claimed: ClaimedMessage, send: () => Promise<Outcome>): Promise<Attempted> {
    if (isAskedFor(claimed)) return send();
    const breaker = this.breakers.of('sink', { member, isFailure: isAway });
    try {
      return await breaker.run(async () => {
        const outcome = await send();
        if (outcome.kind === 'retry' && outcome.isAway === true) throw new SinkAway(outcome);
        return outcome;
      });
    } catch (error) {
      if (error instanceof SinkAway) return error.outcome;
      if (error instanceof BreakerOpen)
        return { kind: 'notAsked', detail: 'The last attempts failed: it is left alone for a while' };
      throw error;
    }
  }

  // A secret that is missing may be set a minute later.
  private async withSecret(
    claimed: ClaimedMessage,
    name: string | null,
    send: (value: string) => Promise<Outcome>,
  ): Promise<Attempted> {
    const { tenantId, destinationId } = claimed;
    if (name === null) return missing('It names no secret');
    try {
      const value =
        tenantId === systemTenantId ? this.env.NOTIFY_SECRETS[name] : (await this.secrets.read(tenantId, name))?.value;
      if (value === undefined) return missing(`There is no secret ${name}`);
      return await this.guarded(destinationId, claimed, () => send(value));
    } catch (error) {
      if (error instanceof SecretsNotConfigured || error instanceof SecretUnreadable) return missing(error.message);
      throw error;
    }
  }
}
