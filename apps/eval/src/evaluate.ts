// One case by one recording: the loop, the tools and the instructions are the real ones, the model is the recording.
import { MemoryOfTests } from '@pulser/agent-runtime/testing';
import {
  type AskResult,
  instructionsOf,
  memoryKit,
  type ModelOfTests,
  runAsk,
  TaskError,
} from '@pulser/agent-runtime/testing/ask';
import type { ChatAnswer, ChatRequest } from '@pulser/models';

import { agentOf } from './agents.js';
import type { EvalCase, Expectation, RecordedAnswer, Recording } from './case.js';

/** What a case came to. */
export interface Outcome {
  readonly instructions: string;
  /** Empty: it passed. */
  readonly problems: readonly string[];
  readonly steps: number;
  readonly tools: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the model was shown and the agent answered. */
interface Played {
  readonly result: AskResult | undefined;
  readonly error: TaskError | undefined;
  readonly shown: readonly string[];
  readonly left: number;
}

const answerOf = ({ text, tools, usage }: RecordedAnswer, model: string, step: number): ChatAnswer => ({
  text,
  toolCalls: tools.map(({ name, arguments: given }, n) => ({
    id: `call_${step}_${n}`,
    name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  })),
  finish: tools.length > 0 ? 'tools' : 'stop',
  usage: usage && { inputTokens: usage.input, outputTokens: usage.output },
  model,
});

/** Gives one recorded answer after the other. */
class Replay {
  private next = 0;
  private readonly seen = new Set<string>();

  constructor(private readonly recording: Recording) {}

  readonly model: ModelOfTests = ({ messages }: ChatRequest) => {
    for (const { role, content } of messages) if (role === 'tool') this.seen.add(content);
    const { answers, model } = this.recording;
    const answer = answers[this.next];
    this.next += 1;
    if (answer === undefined)
      return Promise.reject(new TaskError('no_progress', 'The recording has no further answer'));
    return Promise.resolve(answerOf(answer, model, this.next));
  };

  get shown(): string[] {
    return [...this.seen];
  }

  get left(): number {
    return Math.max(0, this.recording.answers.length - this.next);
  }
}

/** What a case brings with it for the tools. */
export const optionsOf = async ({ memories, children }: EvalCase) => {
  const memory = new MemoryOfTests();
  if (memories.length > 0) await memoryKit(memory).remember(memories);
  return { memory, children };
};

const play = async (one: EvalCase, recording: Recording): Promise<Played> => {
  const replay = new Replay(recording);
  const { name, skill } = agentOf(one.agent);
  const rest = () => ({ shown: replay.shown, left: replay.left });
  try {
    const request = one.request as Parameters<typeof runAsk>[2];
    const result = await runAsk(name, skill, request, replay.model, await optionsOf(one));
    return { result, error: undefined, ...rest() };
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return { result: undefined, error, ...rest() };
  }
};

const toolsOf = (result: AskResult | undefined): string[] =>
  (result?.tools ?? []).map(({ tool, ok }) => (ok ? tool : `!${tool}`));

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const missing = (texts: readonly string[], within: string, what: string): string[] =>
  texts.filter((text) => !within.toLowerCase().includes(text.toLowerCase())).map((text) => `${what} lacks "${text}"`);

const answerProblems = ({ contains, lacks, answer: wanted }: Expectation, answer: unknown): string[] => {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return [
    ...missing(contains, text, 'the answer'),
    ...lacks.filter((one) => text.toLowerCase().includes(one.toLowerCase())).map((one) => `the answer has "${one}"`),
    ...(wanted === undefined || same(wanted, answer) ? [] : [`the answer is ${text.slice(0, 200)}`]),
  ];
};

const problemsOf = (expect: Expectation, { result, error, shown, left }: Played): string[] => {
  if (result === undefined) return [`failed: ${error?.code ?? ''} ${error?.message ?? ''}`];
  const tools = toolsOf(result);
  return [
    ...(same(tools, expect.tools) ? [] : [`called ${tools.join(', ') || 'nothing'}`]),
    ...answerProblems(expect, result.answer),
    ...missing(expect.shown, shown.join('\n'), 'what tools gave'),
    ...(left > 0 ? [`${left} recorded answers were not asked for`] : []),
  ];
};

/** The version of the instructions that the agent of a case has now. */
export const currentInstructions = ({ agent }: EvalCase): string => {
  const { name, skill } = agentOf(agent);
  return instructionsOf(name, skill.instructions).version;
};

export const evaluate = async (one: EvalCase, recording: Recording): Promise<Outcome> => {
  const played = await play(one, recording);
  return {
    instructions: recording.instructions,
    problems: problemsOf(one.expect, played),
    steps: played.result?.steps ?? 0,
    tools: toolsOf(played.result),
    inputTokens: played.result?.usage.input_tokens ?? 0,
    outputTokens: played.result?.usage.output_tokens ?? 0,
  };
};
