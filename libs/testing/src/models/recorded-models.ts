// Answers of a real model, kept in a file by what was asked, and given again without it: for evaluations that repeat.
import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';

import type { CalledTool, ModelReply, ModelRequest, ModelScript } from './model-reply.js';

interface Recording {
  readonly asked: string;
  readonly reply: ModelReply;
}

/** Names a request: the same texts, tools and format are the same request, whichever model is asked. */
export const askedHash = ({ messages, tools = [], response_format }: ModelRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([messages, tools, response_format ?? null]))
    .digest('hex');

/** A script that gives the answers of a file of JSON lines; what is not in it is refused with `not_recorded`. */
export const replaying = async (file: string): Promise<ModelScript> => {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const replies = new Map(
    lines.map((line) => {
      const { asked, reply } = JSON.parse(line) as Recording;
      return [asked, reply] as const;
    }),
  );
  return (request) => replies.get(askedHash(request)) ?? { kind: 'status', status: 422, code: 'not_recorded' };
};

interface Completion {
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: {
      readonly content?: string | null;
      readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
    };
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

const replyOf = ({ choices: [choice], usage }: Completion): ModelReply => {
  const called = choice?.message.tool_calls ?? [];
  const tools = called.map(({ function: { name, arguments: given } }): CalledTool => ({ name, arguments: given }));
  return {
    kind: 'answer',
    text: choice?.message.content ?? '',
    ...(tools.length > 0 && { tools }),
    ...(choice !== undefined && { finish: choice.finish_reason }),
    ...(usage && { usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } }),
  };
};

/** A script that asks a real server, and keeps what it answers. @param upstream base URL and key of the server */
export const recording =
  (file: string, upstream: { readonly baseUrl: string; readonly key: string }): ModelScript =>
  async (request) => {
    const whole = { ...request, stream: false, stream_options: undefined };
    const answer = await fetch(`${upstream.baseUrl.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${upstream.key}` },
      body: JSON.stringify(whole),
    });
    if (!answer.ok) return { kind: 'status', status: answer.status };
    const reply = replyOf((await answer.json()) as Completion);
    await appendFile(file, `${JSON.stringify({ asked: askedHash(request), reply } satisfies Recording)}\n`);
    return reply;
  };
