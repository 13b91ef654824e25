// The fast path of POST /api/v1/tasks: an ordinary submission is answered before Fastify and Nest, which would cost more than
// all its checks together. It makes the same checks with the same parts, in the same order: who is it, may it, is the body
// right, how often. Whatever is out of the ordinary is left to Nest before anything was counted, so that there is one place
// for each refusal; from the count on it answers itself.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { Injectable } from '@nestjs/common';
import {
  type AnyPrincipal,
  Authenticator,
  type Principal,
  principalId,
  RateLimits,
  submitterRole,
} from '@pulser/context-bus';
import { HttpError, jsonLimits, reaches, readJson, SubmitTask } from '@pulser/contracts';
import {
  type EarlyAnswers,
  type EarlyHandler,
  type EarlyRequest,
  headRefusal,
  refusalOf,
  type Span,
} from '@pulser/service-kit';

import { credentialOf, rateLimitHeaders, rateLimitRefusal } from '../access/caller.js';
import { Submissions } from './submissions.service.js';

const path = '/api/v1/tasks';

const json = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);

/** What makes a request one for Nest: another way to send a body, browsers of other origins, keys that are kept. */
const unusual = ['content-encoding', 'expect', 'idempotency-key', 'origin', 'transfer-encoding', 'upgrade'] as const;

const length = /^[1-9]\d{0,6}$/;

/** The length of the body of an ordinary submission, in bytes; undefined for any other request. */
export const ordinaryLength = ({ method, url = '', headers, rawHeaders }: IncomingMessage): number | undefined => {
  if (url !== path || method !== 'POST' || !json.has(headers['content-type'] ?? '')) return undefined;
  if (headers.host === undefined) return undefined;
  if (unusual.some((name) => headers[name] !== undefined)) return undefined;
  if (headRefusal({ url, query: undefined, rawHeaders }) !== undefined) return undefined;
  const text = headers['content-length'] ?? '';
  return length.test(text) && Number(text) <= jsonLimits.maxBytes ? Number(text) : undefined;
};

const keyOf = ({ authorization }: IncomingHttpHeaders): string | undefined => {
  const credential = credentialOf(authorization);
  return credential?.kind === 'key' ? credential.text : undefined;
};

interface BodyEnds {
  readonly read: (body: Buffer) => void;
  readonly clientGone: () => void;
}

/** Reads a body of this length, and calls back once it is there or the client is gone. */
const readBody = ({ request, response }: EarlyRequest, bytes: number, { read, clientGone }: BodyEnds): void => {
  const chunks: Buffer[] = [];
  response.once('close', clientGone);
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    response.off('close', clientGone);
    const [first] = chunks;
    read(first?.length === bytes ? first : Buffer.concat(chunks));
  });
};

/** What of a body can be submitted as it is; undefined: Nest says what is wrong. */
const orderIn = (body: Buffer): SubmitTask | undefined => {
  const reading = readJson(body);
  return reading.kind === 'read' ? SubmitTask.safeParse(reading.value).data : undefined;
};

const flat = (headers: Readonly<Record<string, string>>): string[] => Object.entries(headers).flat();

@Injectable()
export class FastSubmit {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: RateLimits,
    private readonly submissions: Submissions,
  ) {}

  /** Answers ordinary submissions, and leaves all other requests. */
  handler(answers: EarlyAnswers): EarlyHandler {
    return (early) => {
      const bytes = answers.closing ? undefined : ordinaryLength(early.request);
      const key = bytes === undefined ? undefined : keyOf(early.request.headers);
      if (bytes === undefined || key === undefined) {
        early.leave();
        return;
      }
      answers.expect(early);
      readBody(early, bytes, {
        read: (body) => void this.submit(early, answers, key, body),
        clientGone: () => {
          answers.abandoned(early, path);
        },
      });
    };
  }

  /** Never rejects. */
  private async submit(early: EarlyRequest, answers: EarlyAnswers, key: string, body: Buffer): Promise<void> {
    const found = await this.authenticator.authenticate(key).catch(refusalOf);
    // What counts requests waits for their end, which would not come any more.
    if (early.response.closed) answers.abandoned(early, path);
    else if (found instanceof HttpError) answers.refuse(early, answers.take(early, path), [], found);
    else await this.goOn(early, answers, found, body);
  }

  private async goOn(
    early: EarlyRequest,
    answers: EarlyAnswers,
    principal: AnyPrincipal | undefined,
    body: Buffer,
  ): Promise<void> {
    // Without a tenant there is nothing to submit: Nest says so.
    const order =
      principal?.tenantId !== undefined && reaches(principal.role, submitterRole) ? orderIn(body) : undefined;
    if (principal?.tenantId === undefined || order === undefined) {
      early.leave(body);
      return;
    }
    const span = answers.take(early, path);
    span.tenantId = principal.tenantId;
    await span.run(() => this.answer(early, answers, span, principal, order));
  }

  private async answer(
    early: EarlyRequest,
    answers: EarlyAnswers,
    span: Span,
    principal: Principal,
    submit: SubmitTask,
  ): Promise<void> {
    let headers: string[] = [];
    try {
      const verdicts = await this.limits.use(principal.tenantId, principalId(principal));
      headers = flat(rateLimitHeaders(verdicts));
      const refusal = rateLimitRefusal(verdicts);
      if (refusal !== undefined) throw refusal;
      const { task } = await this.submissions.submit(principal, { submit, idempotencyKey: undefined });
      answers.json(early, span, 202, [...headers, 'location', task.links.self], task);
    } catch (error) {
      answers.refuse(early, span, headers, refusalOf(error));
    }
  }
}
