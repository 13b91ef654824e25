import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { AllowEntry, OutgoingClient } from '@pulser/outgoing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

import { messageOf, sendToSlack, sendToWebhook, SmtpSink, webhookSignature } from '../src/index.js';

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers as it is told. */
class Receiver {
  readonly got: Got[] = [];
  status = 200;
  headers: Record<string, string> = {};
  hangs = false;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        receiver.got.push({ headers: request.headers, body });
        if (!receiver.hangs) response.writeHead(receiver.status, receiver.headers).end('ok');
      });
    });
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook/secret-path`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const rules = { schemes: ['http'], timeoutMs: 3_000, idleMs: 5_000, maxBytes: 1_000_000, maxRedirects: 5 } as const;

const notice = { kind: 'test', content: { destination: 'ops', by: 'jo <jo@example.com>' } } as const;
const id = '019a0000-0000-7000-8000-000000000001';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('a sink over HTTP', () => {
  let receiver: Receiver;
  let client: OutgoingClient;
  let guarded: OutgoingClient;

  beforeEach(async () => {
    receiver = await Receiver.start();
    const ports = [receiver.port];
    client = new OutgoingClient({ ...rules, ports, allowed: [AllowEntry.parse('127.0.0.1')] });
    guarded = new OutgoingClient({ ...rules, ports, allowed: [] });
  });

  afterEach(() => receiver.stop());

  const call = () => ({ url: receiver.url, secret, id, at: '2026-11-29T10:00:00Z', notice });

  it('posts a webhook that its receiver can verify, the same one when it is repeated', async () => {
    expect(await sendToWebhook(client, call())).toEqual({ kind: 'delivered', detail: 'The server answered 200' });
    expect(await sendToWebhook(client, call())).toMatchObject({ kind: 'delivered' });
    const [first, second] = receiver.got;
    expect(first?.headers['webhook-id']).toBe(id);
    expect(second?.headers['webhook-id']).toBe(id);
    expect(first?.body).toBe(second?.body);
    const timestampS = Number(first?.headers['webhook-timestamp']);
    expect(Math.abs(timestampS - Date.now() / 1_000)).toBeLessThan(60);
    const signature = webhookSignature({ id, timestampS, body: first?.body ?? '', secret });
    expect(first?.headers['webhook-signature']).toBe(signature);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ type: 'test', data: { destination: 'ops' } });
  });

  it('posts blocks to Slack', async () => {
    expect(await sendToSlack(client, receiver.url, messageOf([notice]))).toMatchObject({ kind: 'delivered' });
    const body = JSON.parse(receiver.got[0]?.body ?? '') as { text: string; blocks: { type: string }[] };
    expect(body.text).toBe('Test of ops');
    expect(body.blocks.map(({ type }) => type)).toEqual(['header', 'section', 'context']);
    expect(receiver.got[0]?.body).toContain('&lt;jo@example.com&gt;');
  });

  it.each([
    [500, 'retry', 'retry'],
    [429, 'retry', 'retry'],
    [302, 'retry', 'retry'],
    [404, 'retry', 'failed'],
    [410, 'failed', 'failed'],
  ])('knows after %d whether another attempt can help: a webhook %s, Slack %s', async (status, webhook, slack) => {
    receiver.status = status;
    receiver.headers = { 'retry-after': '7', location: 'http://127.0.0.1:1/' };
    const outcome = await sendToWebhook(client, call());
    expect(outcome).toMatchObject({ kind: webhook, detail: `The server answered ${status}` });
    if (webhook === 'retry') expect(outcome).toHaveProperty('afterMs', 7_000);
    expect(await sendToSlack(client, receiver.url, messageOf([notice]))).toHaveProperty('kind', slack);
    expect(receiver.got).toHaveLength(2);
  });

  it('reaches no private address unless the configuration allows it, and says nothing of the path', async () => {
    const outcome = await sendToWebhook(guarded, call());
    expect(outcome).toHaveProperty('kind', 'failed');
    expect(outcome.detail).not.toContain('secret-path');
    expect(receiver.got).toEqual([]);
  });

  it('gives up on a receiver that takes the request and never answers', async () => {
    receiver.hangs = true;
    const outcome = await sendToWebhook(client, call());
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome.detail).not.toContain('secret-path');
  });

  it('tries again where nobody listens', async () => {
    const order = call();
    await receiver.stop();
    expect(await sendToWebhook(client, order)).toHaveProperty('kind', 'retry');
    receiver = await Receiver.start();
  });
});

describe('a sink over SMTP', () => {
  let server: SMTPServer;
  let mails: ParsedMail[];
  let answer: Error | undefined;
  let sink: SmtpSink;

  beforeEach(async () => {
    mails = [];
    answer = undefined;
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, done) => {
        done(answer);
      },
      onData: (stream, _session, done) => {
        simpleParser(stream).then(
          (mail) => {
            mails.push(mail);
            done();
          },
          (error: unknown) => {
            done(error as Error);
          },
        );
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    sink = new SmtpSink({ url: `smtp://127.0.0.1:${port}`, from: 'Pulser <pulser@example.com>' });
  });

  afterEach(async () => {
    sink.close();
    await new Promise<void>((resolve) => {
      server.close(resolve);
    });
  });

  const email = (subject = 'Test') => ({
    to: 'ops@example.com',
    id,
    ids: [id, 'second'],
    message: { ...messageOf([notice]), subject },
  });

  it('sends text and HTML under the id of the message', async () => {
    expect(await sink.send(email())).toEqual({ kind: 'delivered', detail: 'The mail server took it' });
    const [mail] = mails;
    expect(mail).toMatchObject({ subject: 'Test', messageId: `<${id}@example.com>` });
    expect(mail?.text).toContain('jo <jo@example.com> has tested this destination.');
    expect(mail?.html).toContain('jo &lt;jo@example.com&gt; has tested');
    expect(mail?.headers.get('x-pulser-notification-ids')).toBe(`${id} second`);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('is not led to other receivers or headers by what stands in a subject', async () => {
    await sink.send(email('Hello\r\nBcc: evil@example.com\r\n\r\nbody'));
    const [mail] = mails;
    expect(mail?.bcc).toBeUndefined();
    expect([mail?.to].flat()).toHaveLength(1);
    expect(mail?.headers.has('bcc')).toBe(false);
  });

  it('knows a receiver that is refused for good from one that is refused for now', async () => {
    answer = Object.assign(new Error('no such user'), { responseCode: 550 });
    expect(await sink.send(email())).toEqual({ kind: 'failed', detail: 'The mail server answered 550' });
    answer = Object.assign(new Error('later'), { responseCode: 451 });
    expect(await sink.send(email())).toEqual({ kind: 'retry', detail: 'The mail server answered 451' });
  });

  it('tries again where no server answers', async () => {
    const nowhere = new SmtpSink({ url: 'smtp://127.0.0.1:1', from: 'pulser@example.com' });
    expect(await nowhere.send(email())).toMatchObject({ kind: 'retry' });
    nowhere.close();
  });
});
