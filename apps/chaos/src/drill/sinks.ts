// Where the alerts of a drill arrive: an SMTP server and a web server on this machine, which keep the ids of what comes.
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Something that arrived. A repeat after a crash has the id of what it repeats. */
export interface Arrival {
  /** Of the header Message-ID or webhook-id. */
  readonly id: string;
  readonly body: string;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const listening = async <S extends Server>(server: S): Promise<S> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
};

/** One conversation: https://www.rfc-editor.org/rfc/rfc5321 without extensions. */
class Conversation {
  private pending = '';
  /** Undefined while commands are read. */
  private mail: string[] | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly onMail: (mail: string) => void,
  ) {
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.read(String(chunk));
    });
    this.say('220 drill ESMTP');
  }

  private read(chunk: string): void {
    const lines = (this.pending + chunk).split('\r\n');
    this.pending = lines.pop() ?? '';
    for (const line of lines) {
      if (this.mail === undefined) this.command(line);
      else this.content(line, this.mail);
    }
  }

  private command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'DATA') this.mail = [];
    this.say(verb === 'DATA' ? '354 go ahead' : verb === 'QUIT' ? '221 bye' : '250 ok');
    if (verb === 'QUIT') this.socket.end();
  }

  private content(line: string, mail: string[]): void {
    if (line !== '.') {
      mail.push(line.replace(/^\./, ''));
      return;
    }
    this.mail = undefined;
    this.onMail(mail.join('\n'));
    this.say('250 kept');
  }

  private say(line: string): void {
    this.socket.write(`${line}\r\n`);
  }
}

const messageIdIn = (mail: string): string => /^message-id:\s*<?([^>\s]+)>?/im.exec(mail)?.[1] ?? 'none';

/** An SMTP server without encryption, for mails to any address. */
export class MailSink {
  readonly arrivals: Arrival[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<MailSink> {
    const sink: MailSink = new MailSink(
      await listening(
        createServer(
          (socket) =>
            new Conversation(socket, (body) => {
              sink.arrivals.push({ id: messageIdIn(body), body });
            }),
        ),
      ),
    );
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${portOf(this.server)}`;
  }

  stop(): void {
    this.server.close();
  }
}

/** A web server that takes whatever is posted to it. */
export class HookSink {
  readonly arrivals: Arrival[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HookSink> {
    const sink: HookSink = new HookSink(
      await listening(
        createHttpServer((request, response) => {
          void sink.keep(request).then(() => response.writeHead(204).end());
        }),
      ),
    );
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.server)}/alerts`;
  }

  stop(): void {
    this.server.close();
  }

  private async keep(request: IncomingMessage): Promise<void> {
    const { 'webhook-id': id } = request.headers;
    this.arrivals.push({ id: typeof id === 'string' ? id : 'none', body: await text(request) });
  }
}
