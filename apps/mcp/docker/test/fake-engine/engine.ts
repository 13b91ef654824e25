// An engine for tests: the paths, shapes and streams of the real one, over containers and images in memory.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { extract } from 'tar-stream';

import {
  type Container,
  Containers,
  detailsOf,
  EngineError,
  type Fields,
  frame,
  statsOf,
  summaryOf,
} from './containers.js';
import { Faults } from '@pulser/testing/vendor';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a command does when it is run in a container. */
export interface Command {
  readonly output: Buffer;
  readonly exitCode: number;
  /** Goes on after its output, for ever. */
  readonly endless?: true;
}

export interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly created: number;
}

/** A request with its query. */
interface Asked {
  readonly method: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

export class FakeEngine {
  readonly containers = new Containers();
  readonly images: Image[] = [];
  readonly faults = new Faults();
  readonly seen: Seen[] = [];
  /** By the argv, joined with spaces. */
  readonly commands = new Map<string, Command>();
  /** What the next pull or build reports. */
  messages: readonly Fields[] = [];
  private readonly execs: { readonly argv: string; running: boolean }[] = [];
  private readonly server: Server;

  private constructor(tls: ServerOptions | undefined) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  }

  /** @param path of a socket; otherwise a port of the loopback */
  static async start({
    path,
    tls,
  }: { readonly path?: string; readonly tls?: ServerOptions } = {}): Promise<FakeEngine> {
    const engine = new FakeEngine(tls);
    if (path === undefined) engine.server.listen(0, '127.0.0.1');
    else engine.server.listen(path);
    await once(engine.server, 'listening');
    return engine;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, path: url, headers, body });
    if (this.faults.take(request, response)) return;
    const { pathname, searchParams: query } = new URL(url, 'http://engine');
    try {
      this.route({ method, parts: pathname.slice(1).split('/'), query, body, response });
    } catch (error) {
      const status = error instanceof EngineError ? error.status : 500;
      send(response, status, { message: error instanceof EngineError ? error.message : (error as Error).stack });
    }
  }

  private route(asked: Asked): void {
    const [kind] = asked.parts;
    if (kind === 'containers') this.container(asked);
    else if (kind === 'exec') this.exec(asked);
    else if (kind === 'images') this.image(asked);
    else if (kind === 'build') report(asked.response, this.messages);
    else throw new EngineError(404, 'page not found');
  }

  private container({ method, parts, query, body, response }: Asked): void {
    const [, name = '', action] = parts;
    if (name === 'json') send(response, 200, this.listed(query));
    else if (name === 'create') {
      this.requireImage(String(parse(body)['Image']));
      send(response, 201, { Id: this.containers.create(query.get('name'), parse(body)).id, Warnings: [] });
    } else this.act(this.containers.find(name), `${method} ${action ?? ''}`, query, body, response);
  }

  private listed(query: URLSearchParams): readonly Fields[] {
    const filters = JSON.parse(query.get('filters') ?? '{}') as Record<string, string[]>;
    const matches = ({ name, status, body }: Container): boolean =>
      (filters['name'] ?? [name]).some((part) => name.includes(part)) &&
      (filters['status'] ?? [status]).includes(status) &&
      (filters['label'] ?? []).every((label) => (label.split('=')[0] ?? '') in ((body['Labels'] ?? {}) as Fields));
    const all = query.get('all') === 'true';
    return this.containers.list.filter((one) => (all || one.status === 'running') && matches(one)).map(summaryOf);
  }

  private requireImage(name: string): void {
    if (!this.images.some(({ tags, digests }) => [...tags, ...digests].includes(name)))
      throw new EngineError(404, `No such image: ${name}`);
  }

  private act(
    container: Container,
    action: string,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): void {
    switch (action) {
      case 'GET json':
        send(response, 200, detailsOf(container));
        return;
      case 'GET logs':
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(container.log);
        return;
      case 'GET stats':
        send(response, 200, statsOf());
        return;
      case 'POST start':
        response.writeHead(this.containers.start(container) ? 204 : 304).end();
        return;
      case 'POST stop':
        response.writeHead(this.containers.stop(container) ? 204 : 304).end();
        return;
      case 'POST restart':
        this.containers.stop(container);
        this.containers.start(container);
        response.writeHead(204).end();
        return;
      case 'POST exec':
        this.execs.push({ argv: (parse(body)['Cmd'] as string[]).join(' '), running: false });
        send(response, 201, { Id: `exec${this.execs.length - 1}` });
        return;
      case 'DELETE ':
        this.containers.remove(container, query.get('force') === 'true');
        response.writeHead(204).end();
        return;
      default:
        throw new EngineError(404, 'page not found');
    }
  }

  private exec({ parts, response }: Asked): void {
    const [, id = '', action] = parts;
    const exec = this.execs[Number(id.replace('exec', ''))];
    const command = this.commands.get(exec?.argv ?? '');
    if (exec === undefined || command === undefined) throw new EngineError(404, `No such exec instance: ${id}`);
    if (action === 'json') {
      send(response, 200, { ID: id, Running: exec.running, ExitCode: exec.running ? null : command.exitCode });
      return;
    }
    exec.running = command.endless === true;
    // As the engine answers who does not ask for an upgrade: without a length, until the connection ends.
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream', connection: 'close' });
    // Chunks that cut headers and frames.
    for (let start = 0; start < command.output.length; start += 5)
      response.write(command.output.subarray(start, start + 5));
    if (command.endless !== true) response.end();
  }

  private image({ method, parts, query, response }: Asked): void {
    const name = parts.slice(1).join('/');
    if (name === 'json') send(response, 200, this.images.map(imageSummary));
    else if (name === 'create') this.pull(query, response);
    else if (method === 'DELETE') send(response, 200, this.removeImage(name));
    else {
      const found = this.images.find(({ tags, digests, id }) =>
        [...tags, ...digests, id].includes(name.replace(/\/json$/, '')),
      );
      if (found === undefined) throw new EngineError(404, `No such image: ${name}`);
      send(response, 200, { Id: found.id, RepoTags: found.tags, RepoDigests: found.digests, Size: 5_000 });
    }
  }

  private pull(query: URLSearchParams, response: ServerResponse): void {
    const name = query.get('fromImage') ?? '';
    const tag = query.get('tag') ?? '';
    const failed = this.messages.some((message) => 'error' in message);
    const digest = `sha256:${'c3'.repeat(32)}`;
    const whole = tag.includes(':') ? `${name}@${tag}` : `${name}:${tag}`;
    if (!failed && !this.images.some(({ tags }) => tags.includes(whole)))
      this.images.push({ id: digest, tags: [whole], digests: [`${name}@${digest}`], created: 1_700_000_000 });
    report(response, this.messages);
  }

  private removeImage(name: string): readonly Fields[] {
    const index = this.images.findIndex(({ tags, id }) => [...tags, id].includes(name));
    const [removed] = index === -1 ? [] : this.images.splice(index, 1);
    if (removed === undefined) throw new EngineError(404, `No such image: ${name}`);
    return [...removed.tags.map((tag) => ({ Untagged: tag })), { Deleted: removed.id }];
  }
}

const imageSummary = ({ id, tags, digests, created }: Image): Fields => ({
  ...{
    Id: id,
    ParentId: '',
    Created: created,
    Size: 5_000,
    VirtualSize: 5_000,
    SharedSize: -1,
    Labels: null,
    Containers: -1,
  },
  RepoTags: tags.length === 0 ? null : tags,
  RepoDigests: digests,
});

const parse = (body: Buffer): Fields => JSON.parse(body.toString('utf8')) as Fields;

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const report = (response: ServerResponse, messages: readonly Fields[]): void => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const text = messages.map((message) => `${JSON.stringify(message)}\r\n`).join('');
  // In chunks that cut lines.
  for (let start = 0; start < text.length; start += 13) response.write(text.slice(start, start + 13));
  response.end();
};

/** What a build was sent: paths to contents, of links to what they point at. */
export const filesIn = async (archive: Buffer): Promise<Readonly<Record<string, string>>> => {
  const files: Record<string, string> = {};
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const { name, type, linkname } = entry.header;
    const content = await buffer(entry);
    files[name] = type === 'symlink' ? `-> ${linkname}` : content.toString('utf8');
  }
  return files;
};

export { frame };
