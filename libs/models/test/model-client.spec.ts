import { AllowEntry, type OutgoingRules } from '@pulser/outgoing/client';
import { Breakers } from '@pulser/service-kit';
import { calls, inTurn, type ModelReply, ModelServer, says } from '@pulser/testing/models';

import {
  type ChatRequest,
  isModelOutage,
  ModelClient,
  ModelFailed,
  operatorsClient,
  tenantsClient,
  type Tried,
  type TryOptions,
} from '../src/index.js';

const limits = { timeoutMs: 20_000, idleMs: 10_000 };
const price = { input: 1_000_000, output: 2_000_000 };

let server: ModelServer;
beforeAll(async () => {
  server = await ModelServer.start(inTurn(says('unused')));
});
afterAll(() => server.stop());

const endpoint = () => ({
  baseUrl: server.url,
  key: 'sk-very-secret',
  model: 'tester',
  price,
  outputLimitName: 'max_tokens' as const,
});

const breaker = () => new Breakers().of('model', { isFailure: isModelOutage });

const clientOf = (answerLimits = limits) =>
  new ModelClient(endpoint(), operatorsClient(server.url, answerLimits), breaker());

const question: ChatRequest = {
  messages: [
    { role: 'system', content: 'Be brief' },
    { role: 'user', content: 'How many?' },
  ],
  tools: [],
  format: { kind: 'text' },
  maxOutputTokens: 100,
};

const ask = (
  reply: ModelReply,
  change: Partial<ChatRequest> = {},
  options: Partial<TryOptions> = {},
): Promise<Tried> => {
  server.follow(() => reply);
  return clientOf().ask({ ...question, ...change }, { signal: new AbortController().signal, ...options });
};

const failing = async (work: Promise<unknown>): Promise<ModelFailed> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelFailed) return error;
  throw new Error('It did not fail as a model does', { cause: error });
};

describe('a call of a model', () => {
  it('gives the answer as it comes, with what the server says that it cost', async () => {
    const pieces: string[] = [];
    const tried = await ask(
      says('Forty-two of them.', { inputTokens: 12, outputTokens: 7 }),
      {},
      {
        onText: (text) => pieces.push(text),
      },
    );
    expect(tried.answer).toEqual({
      text: 'Forty-two of them.',
      toolCalls: [],
      finish: 'stop',
      usage: { inputTokens: 12, outputTokens: 7 },
      model: 'tester',
    });
    expect(pieces.join('')).toBe('Forty-two of them.');
    expect(pieces.length).toBeGreaterThan(1);
    const [asked] = server.asked;
    expect(asked?.authorization).toBe('Bearer sk-very-secret');
    expect(asked?.request).toMatchObject({
      model: 'tester',
      max_tokens: 100,
      stream: true,
      messages: question.messages,
    });
  });

  it('carries tools, their calls and their results', async () => {
    const parameters = { type: 'object' };
    const toolCalls = [{ id: 'one', name: 'query', arguments: '{}' }];
    const tried = await ask(
      calls({ name: 'query', arguments: { sql: 'select 1' } }, { name: 'x', arguments: 'no json' }),
      {
        tools: [{ name: 'query', description: 'Runs SQL', parameters }],
        messages: [
          ...question.messages,
          { role: 'assistant', content: '', toolCalls },
          { role: 'tool', callId: 'one', content: '[]' },
        ],
      },
    );
    expect(tried.answer.finish).toBe('tools');
    expect(tried.answer.toolCalls.map(({ name, arguments: given }) => [name, given])).toEqual([
      ['query', '{"sql":"select 1"}'],
      ['x', 'no json'],
    ]);
    const [asked] = server.asked;
    expect(asked?.request.tools).toEqual([
      { type: 'function', function: { name: 'query', description: 'Runs SQL', parameters } },
    ]);
    expect(asked?.request.messages.at(-1)).toEqual({ role: 'tool', tool_call_id: 'one', content: '[]' });
  });

  it('asks for JSON, by a schema or any', async () => {
    await ask(says('{}'), { format: { kind: 'schema', schema: { type: 'object' } } });
    expect(server.asked[0]?.request.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: { type: 'object' } },
    });
    await ask(says('{}'), { format: { kind: 'json' } });
    expect(server.asked[0]?.request.response_format).toEqual({ type: 'json_object' });
  });

  it('cuts an answer off that has more than was allowed', async () => {
    const tried = await ask({ kind: 'endless' }, { maxOutputTokens: 50 });
    expect(tried.overrun).toBe(true);
    expect(tried.answer.usage).toBeUndefined();
    expect(tried.outputTokens).toBeGreaterThan(50);
    expect(tried.outputTokens).toBeLessThan(200);
  });

  it('is tried once, whatever the server says', async () => {
    for (const reply of [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 429 },
      { kind: 'reset' },
      { kind: 'half', text: 'one two three' },
    ] as const) {
      await failing(ask(reply));
      expect(server.asked).toHaveLength(1);
    }
  });
});

describe('a call without an answer', () => {
  it('has a code, and says whether another try may help and whether it may have cost something', async () => {
    const table: readonly (readonly [ModelReply, string, boolean, boolean])[] = [
      [{ kind: 'status', status: 500 }, 'overloaded', true, false],
      [{ kind: 'status', status: 429, retryAfterS: 7 }, 'rate_limited', true, false],
      [{ kind: 'status', status: 401, code: 'invalid_api_key' }, 'unauthorized', false, false],
      [{ kind: 'status', status: 400 }, 'refused', false, false],
      [{ kind: 'reset' }, 'broken_off', true, true],
      [{ kind: 'half', text: 'one two three' }, 'broken_off', true, true],
    ];
    for (const [reply, code, mayPass, mayCost] of table) {
      const failure = await failing(ask(reply));
      const status = 'status' in reply ? reply.status : undefined;
      expect([failure.code, failure.facts.status]).toEqual([code, status]);
      expect([failure.mayPass, failure.mayCost]).toEqual([mayPass, mayCost]);
    }
  });

  it('hands on what the server asks to wait, and a code of it', async () => {
    const limited = await failing(ask({ kind: 'status', status: 429, retryAfterS: 7, code: 'slow_down' }));
    expect(limited.facts).toMatchObject({ retryAfterMs: 7_000, serverCode: 'slow_down' });
  });

  it('holds neither the key nor a word of the request', async () => {
    for (const reply of [{ kind: 'status', status: 400 }, { kind: 'reset' }, { kind: 'half', text: 'x' }] as const) {
      const error = await failing(ask(reply));
      const said = JSON.stringify([error.message, error.facts, String(error.cause), error.stack]);
      expect(said).not.toContain('sk-very-secret');
      expect(said).not.toContain('How many?');
    }
  });

  it('ends with its signal, and after its time', async () => {
    const controller = new AbortController();
    const asked = ask({ kind: 'hang' }, {}, { signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error('cancelled'));
    }, 50);
    expect((await failing(asked)).code).toBe('aborted');
    server.follow(() => ({ kind: 'hang' }));
    const late = clientOf({ timeoutMs: 2_000, idleMs: 10_000 }).ask(question, { signal: new AbortController().signal });
    expect((await failing(late)).code).toBe('broken_off');
  });

  it('costs nothing when there was no connection, and opens the breaker in the end', async () => {
    const gone = await ModelServer.start(inTurn(says('')));
    await gone.stop();
    const one = breaker();
    const away = new ModelClient(
      { ...endpoint(), baseUrl: server.url.replace(/:\d+/, ':9') },
      operatorsClient(server.url.replace(/:\d+/, ':9'), limits),
      one,
    );
    for (let n = 0; n < 5; n += 1) {
      const error = await failing(away.ask(question, { signal: new AbortController().signal }));
      expect([error.code, error.mayCost]).toEqual(['unreachable', false]);
    }
    expect(one.state).toBe('open');
  });
});

describe('the server that a tenant names', () => {
  const rules: OutgoingRules = {
    schemes: ['http', 'https'],
    ports: [80, 443],
    allowed: [],
    timeoutMs: 60_000,
    idleMs: 60_000,
    maxBytes: 1_000,
    maxRedirects: 0,
  };
  const asked = (change: Partial<OutgoingRules>) =>
    new ModelClient(endpoint(), tenantsClient({ ...rules, ...change }, limits), breaker()).ask(question, {
      signal: new AbortController().signal,
    });

  it('is asked under the rules of tasks', async () => {
    server.follow(inTurn(says('x')));
    const port = Number(new URL(server.url).port);
    const refused = await failing(asked({ ports: [port] }));
    expect([refused.code, refused.mayCost]).toEqual(['not_allowed', false]);
    expect(server.asked).toHaveLength(0);
    const allowed = [AllowEntry.parse('127.0.0.1')];
    expect((await asked({ ports: [port], allowed })).answer.text).toBe('x');
  });
});
