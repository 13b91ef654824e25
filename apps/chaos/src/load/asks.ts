// Questions to agents, and the language model of a run: a server on this machine that answers, fails now and then, and counts
// what it was asked.
import type { Random } from '@pulser/harness';
import { agents } from '@pulser/roster';
import { type ModelReply, type ModelRequest, ModelServer } from '@pulser/testing/models';

import type { ExpectedAnswer } from './agent-work.js';

const askedTypes = agents.flatMap((row) => ('folder' in row ? row.taskTypes.map(({ name }): string => name) : []));

export interface Ask {
  readonly taskType: string;
  readonly payload: { readonly operation: 'ask'; readonly question: string; readonly [more: string]: unknown };
  readonly answer: ExpectedAnswer;
}

const answerTo = (ref: string): string => `The answer to number ${ref}, in as many words as take a moment to be said.`;

/** Of the questions, this share is asked on to another agent. */
const delegatedShare = 0.3;

/** A question that holds its reference, by which its requests are found at the server. */
export const askOf = (ref: string, random: Random): Ask => {
  const taskType = random.pick(askedTypes);
  const common = { taskType, answer: { at: ['answer'], is: answerTo(ref) } };
  const payload = { operation: 'ask' as const, question: `Number ${ref}?`, tools: [] };
  if (!random.chance(delegatedShare)) return { ...common, payload };
  const other = random.pick(askedTypes.filter((type) => type !== taskType));
  const delegated = { question: `Number ${ref}? Ask ${other}.`, delegate_to: [{ task_type: other, tools: [] }] };
  return { ...common, payload: { ...payload, ...delegated } };
};

/** What is charged for an answer. */
const usage = { inputTokens: 20, outputTokens: 10 } as const;

/** Micro-dollars: each token costs one. */
export const answerMicros = usage.inputTokens + usage.outputTokens;

/** Variables of every process that asks. */
export const modelVariables = (url: string): Readonly<Record<string, string>> => ({
  LLM_BASE_URL: url,
  LLM_MODEL: 'chaos',
  LLM_PRICES: '{"chaos": {"input": 1, "output": 1}}',
  LLM_MAX_OUTPUT_TOKENS: '64',
});

/** What a task of the load was asked for at the server. */
export interface AskedFact {
  readonly ref: string;
  readonly requests: number;
  /** Requests that were answered in full. */
  readonly answered: number;
}

const faults: readonly ModelReply[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, retryAfterS: 1 },
  { kind: 'reset' },
  { kind: 'half', text: 'An answer that breaks' },
];

const faultEvery = 8;
/** Milliseconds before each dozen of characters: a worker can be killed in the middle of an answer. */
const slowMs = 40;

interface Question {
  readonly ref: string;
  /** The task type that is to be asked in turn. */
  readonly other: string | undefined;
}

const questionShape = /^Number (\d+)\?(?: Ask (\w+)\.)?$/;

const questionOf = ({ messages }: ModelRequest): Question => {
  const [, found] = messages;
  const [, ref = '', other] = questionShape.exec(found?.content ?? '') ?? [];
  return { ref, other };
};

const replyTo = ({ messages }: ModelRequest, { ref, other }: Question): ModelReply => {
  const hasAsked = messages.some(({ role }) => role === 'tool');
  if (other === undefined || hasAsked) return { kind: 'answer', text: answerTo(ref), usage, slowMs };
  const call = { name: 'delegate', arguments: { task_type: other, question: `Number ${ref}?` } };
  return { kind: 'answer', tools: [call], usage };
};

/** Of a question in so many, the first request fails. */
const faultOf = (ref: string, requests: number): ModelReply | undefined => {
  const number = Number(ref);
  return requests === 1 && number % faultEvery === 0 ? faults[(number / faultEvery) % faults.length] : undefined;
};

/** The model of a run. */
export class Model {
  private readonly facts = new Map<string, { requests: number; answered: number }>();

  private constructor(private readonly server: ModelServer) {}

  static async start(): Promise<Model> {
    // The server is there before the model that answers for it.
    const server = await ModelServer.start(() => ({ kind: 'status', status: 503 }));
    const model = new Model(server);
    server.follow((request) => model.reply(request));
    return model;
  }

  get variables(): Readonly<Record<string, string>> {
    return modelVariables(this.server.url);
  }

  get asked(): AskedFact[] {
    return [...this.facts].map(([ref, fact]) => ({ ref, ...fact }));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private reply(request: ModelRequest): ModelReply {
    const question = questionOf(request);
    const fact = this.facts.get(question.ref) ?? { requests: 0, answered: 0 };
    this.facts.set(question.ref, fact);
    fact.requests += 1;
    const fault = faultOf(question.ref, fact.requests);
    if (fault === undefined) fact.answered += 1;
    return fault ?? replyTo(request, question);
  }
}
