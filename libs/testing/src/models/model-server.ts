// A server for specs with what is used of OpenAI's chat completions API: answers by a script, streams them, counts what it
// was asked and what it would charge, and fails as servers do.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { ModelReply, ModelRequest, ModelScript, ModelUsage } from './model-reply.js';

type Answer = Extract<ModelReply, { kind: 'answer' }>;

const charactersPerPiece = 12;
const charactersPerToken = 4;

const argumentsOf = (given: unknown): string => (typeof given === 'string' ? given : JSON.stringify(given));

const piecesOf = (text: string): string[] => text.match(new RegExp(`[^]{1,${charactersPerPiece}}`, 'g')) ?? [];

const tokens = (characters: number): number => Math.ceil(characters / charactersPerToken);

const inputOf = ({ messages }: ModelRequest): number => tokens(JSON.stringify(messages).length / 2);

const outputOf = ({ text = '', tools = [] }: Answer): number =>
  Math.max(1, tokens(text.length + tools.reduce((sum, tool) => sum + argumentsOf(tool.arguments).length, 0)));

const usageOf = (request: ModelRequest, answer: Answer): ModelUsage =>
  answer.usage ?? { inputTokens: inputOf(request), outputTokens: outputOf(answer) };

const usageBody = ({ inputTokens, outputTokens }: ModelUsage) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

const finishOf = ({ finish, tools = [] }: Answer): string => finish ?? (tools.length > 0 ? 'tool_calls' : 'stop');

/** A request, with what came of it. */
export interface Asked {
  readonly request: ModelRequest;
  readonly authorization: string | undefined;
  readonly at: number;
}

export class ModelServer {
  /** Every request that came, in order. */
  readonly asked: Asked[] = [];
  /** What the server would charge: of broken answers what was generated. */
  readonly charged = { inputTokens: 0, outputTokens: 0, calls: 0 };
  connections = 0;
  private working = 0;
  maxWorking = 0;

  private constructor(
    private readonly server: Server,
    private script: ModelScript,
  ) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      void this.serve(request, response);
    });
  }

  static async start(script: ModelScript, host = '127.0.0.1'): Promise<ModelServer> {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    return new ModelServer(server, script);
  }

  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}/v1`;
  }

  /** From here on it answers otherwise, and counts anew. */
  follow(script: ModelScript): void {
    this.script = script;
    this.asked.length = 0;
    Object.assign(this.charged, { inputTokens: 0, outputTokens: 0, calls: 0 });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const body = Buffer.concat((await incoming.toArray()) as Buffer[]).toString('utf8');
    if (incoming.method !== 'POST' || incoming.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    const request = JSON.parse(body) as ModelRequest;
    this.asked.push({ request, authorization: incoming.headers.authorization, at: Date.now() });
    this.working += 1;
    this.maxWorking = Math.max(this.maxWorking, this.working);
    response.on('close', () => (this.working -= 1));
    await this.reply(await this.script(request, this.asked.length), request, response);
  }

  private async reply(reply: ModelReply, request: ModelRequest, response: ServerResponse): Promise<void> {
    switch (reply.kind) {
      case 'answer':
        this.charge(usageOf(request, reply));
        return this.answer(reply, request, response);
      case 'status': {
        const retry = reply.retryAfterS === undefined ? {} : { 'retry-after': String(reply.retryAfterS) };
        response.writeHead(reply.status, { 'content-type': 'application/json', ...retry });
        const error = { message: `refused: ${JSON.stringify(request)}`, type: 'error', code: reply.code ?? null };
        response.end(JSON.stringify({ error }));
        return;
      }
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'hang':
        return;
      case 'half':
        this.charge({ inputTokens: inputOf(request), outputTokens: tokens(reply.text.length) });
        this.head(response);
        for (const piece of piecesOf(reply.text)) this.piece(response, request, { content: piece });
        await delay(20);
        response.socket?.resetAndDestroy();
        return;
      case 'endless':
        return this.pourOut(request, response);
    }
  }

  private async pourOut(request: ModelRequest, response: ServerResponse): Promise<void> {
    this.charge({ inputTokens: inputOf(request), outputTokens: 0 });
    this.head(response);
    while (!response.destroyed) {
      this.charged.outputTokens += 2;
      this.piece(response, request, { content: 'and more ' });
      await delay(1);
    }
  }

  private async answer(reply: Answer, request: ModelRequest, response: ServerResponse): Promise<void> {
    const { text = '', tools = [], slowMs = 0 } = reply;
    const made = tools.map((tool, index) => ({
      index,
      id: `call_${this.asked.length}_${index}`,
      type: 'function',
      function: { name: tool.name, arguments: argumentsOf(tool.arguments) },
    }));
    if (request.stream !== true) {
      this.whole(reply, request, response, { content: text, tool_calls: made });
      return;
    }
    this.head(response);
    for (const content of piecesOf(text)) {
      if (slowMs > 0) await delay(slowMs);
      this.piece(response, request, { content });
    }
    for (const call of made) this.piece(response, request, { tool_calls: [call] });
    if (text === '' && slowMs > 0) await delay(slowMs);
    this.piece(response, request, {}, finishOf(reply));
    if (reply.silentUsage !== true)
      this.event(response, { model: request.model, choices: [], usage: usageBody(usageOf(request, reply)) });
    response.end('data: [DONE]\n\n');
  }

  private whole(reply: Answer, request: ModelRequest, response: ServerResponse, message: object): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    const choices = [{ index: 0, finish_reason: finishOf(reply), message: { role: 'assistant', ...message } }];
    response.end(JSON.stringify({ model: request.model, choices, usage: usageBody(usageOf(request, reply)) }));
  }

  private head(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
  }

  private piece(response: ServerResponse, { model }: ModelRequest, delta: object, finish: string | null = null): void {
    this.event(response, { model, choices: [{ index: 0, delta, finish_reason: finish }] });
  }

  private event(response: ServerResponse, data: object): void {
    response.write(`data: ${JSON.stringify({ id: 'chat', object: 'chat.completion.chunk', ...data })}\n\n`);
  }

  private charge({ inputTokens, outputTokens }: ModelUsage): void {
    this.charged.calls += 1;
    this.charged.inputTokens += inputTokens;
    this.charged.outputTokens += outputTokens;
  }
}
