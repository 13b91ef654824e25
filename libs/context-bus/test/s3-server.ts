// A server for specs that speaks what is used of the S3 API: PUT, GET and DELETE of objects in a bucket. It refuses every
// request whose signature is not right: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const bucket = 'pulser';
const region = 'eu-test-1';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([\da-f]{64})$/;

/** Minutes that the clock of a client may differ. */
const maxSkewMs = 15 * 60_000;

const timeOf = (text: string): number => Date.parse(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));

export class S3Server {
  readonly accessKeyId = 'tester';
  readonly secretAccessKey = 'not so secret';
  readonly region = region;
  readonly objects = new Map<string, Buffer>();
  /** Answers 503 to everything. */
  away = false;
  refused = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void this.answer(request, response);
    });
  }

  static async start(): Promise<S3Server> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new S3Server(server);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${bucket}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const key = decodeURIComponent((request.url ?? '').slice(`/${bucket}/`.length));
    if (this.away) {
      response.writeHead(503).end();
      return;
    }
    if (!this.isSigned(request)) {
      this.refused += 1;
      response
        .writeHead(403, { 'content-type': 'application/xml' })
        .end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
      return;
    }
    this.serve(request.method, key, body, response);
  }

  private serve(method: string | undefined, key: string, body: Buffer, response: ServerResponse): void {
    const object = this.objects.get(key);
    if (method === 'PUT') {
      this.objects.set(key, body);
      response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
    } else if (method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else if (object === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200).end(object);
    }
  }

  private isSigned({ method = '', url = '', headers }: IncomingMessage): boolean {
    const [, keyId, day = '', place, names = '', signature = ''] =
      authorization.exec(headers.authorization ?? '') ?? [];
    const time = String(headers['x-amz-date']);
    if (keyId !== this.accessKeyId || place !== region || !time.startsWith(day)) return false;
    if (!(Math.abs(Date.now() - timeOf(time)) <= maxSkewMs)) return false;
    const signed = names.split(';');
    if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => signed.includes(name))) return false;
    const [path = '', query = ''] = url.split('?');
    const lines = signed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
    const canonical = [method, path, query, lines, names, headers['x-amz-content-sha256']].join('\n');
    const scope = `${day}/${region}/s3/aws4_request`;
    const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
    const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${this.secretAccessKey}`);
    return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
  }
}
