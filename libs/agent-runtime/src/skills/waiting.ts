// What a wait is, as a handler asks for it and as it is written down. Loaded in threads: it must not import Nest or a database.
import type { AwaitedThing } from '@pulser/context-bus';
import { approvalLimits, ApprovalRules, fieldProblems, TaskError } from '@pulser/contracts';

import { storableJson } from './payload-and-result.js';
import type { ApprovalRequest, ApprovalTerms, WaitFor, WaitLimit, WaitOutcome } from './task-waits.js';

/** Thrown by `waitFor` to end a run of a handler: its task is suspended, and its attempt goes on when it is woken. */
export class Suspended extends Error {
  constructor(readonly key: string) {
    super(`The task waits for "${key}": its handler runs again when that has happened`);
    this.name = 'Suspended';
  }
}

/** What the worker says of a wait. */
export type Look = { readonly over: true; readonly outcome: WaitOutcome } | { readonly over: false };

/** A wait that is not over: for what, and after how many milliseconds it is given up. */
export interface PendingWait {
  readonly wait: AwaitedThing;
  readonly timeLimitMs: number;
  /** Of an approval. */
  readonly asks?: CheckedRequest;
}

/** An approval that can be asked for. */
export interface CheckedRequest extends Required<Pick<ApprovalRequest, 'title' | 'arguments' | 'step' | 'iteration'>> {
  readonly operation: string | undefined;
  readonly rules: ApprovalRules;
}

const dayS = 86_400;
const usualLimitS = 30 * dayS;
const maxLimitS = 366 * dayS;
const maxAwaited = 10_000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const signalName = /^[a-z][a-z0-9_.-]{0,63}$/;

export const invalidWait = (why: string): TaskError => new TaskError('invalid_wait', why);

const limitMs = ({ timeLimitS = usualLimitS }: WaitLimit): number => {
  if (typeof timeLimitS === 'number' && timeLimitS > 0 && timeLimitS <= maxLimitS) return timeLimitS * 1_000;
  throw invalidWait(`The time limit of a wait has more than 0 and at most ${maxLimitS} seconds`);
};

const childIds = (ids: readonly string[]): string[] => {
  if (!Array.isArray(ids) || ids.length > maxAwaited)
    throw invalidWait(`A task waits for ${maxAwaited} children at most`);
  const unique = [...new Set(ids.map((id) => String(id).toLowerCase()))];
  if (!unique.every((id) => uuid.test(id))) throw invalidWait('A child is named by its id');
  return unique;
};

const instant = (text: string): string => {
  const ms = Date.parse(text);
  const year = new Date(ms).getUTCFullYear();
  if (Number.isNaN(ms) || year < 1 || year > 9_999) throw invalidWait('The time to wait for is no date (RFC 3339)');
  return new Date(ms).toISOString();
};

/** @throws TaskError `invalid_wait` */
export const rulesOf = ({ needed, role, persons, expiresInS, notify }: ApprovalTerms): ApprovalRules => {
  const given = { needed, role, persons, expires_in_s: expiresInS, notify };
  const { data, error } = ApprovalRules.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (data !== undefined) return data;
  throw new TaskError('invalid_wait', 'The approval cannot be asked for', {
    details: { errors: fieldProblems(error) },
  });
};

/** Bytes of arguments that persons can look at. */
const maxArgumentBytes = 65_536;
const maxNameCharacters = 200;

const checkedRequest = (request: ApprovalRequest): CheckedRequest => {
  const { title, step = '', iteration = 0, operation } = request;
  const texts = [title, step, operation ?? ''];
  if (
    title.trim() === '' ||
    title.length > approvalLimits.title ||
    texts.some((text) => text.length > maxNameCharacters)
  )
    throw invalidWait(
      `The title of an approval, its step and its operation have ${maxNameCharacters} characters at most`,
    );
  if (!Number.isSafeInteger(iteration) || iteration < 0)
    throw invalidWait('The iteration of an approval counts from 0');
  const json = storableJson(request.arguments, maxArgumentBytes);
  return { title, arguments: JSON.parse(json) as unknown, step, iteration, operation, rules: rulesOf(request) };
};

const thingOf = (key: string, what: Exclude<WaitFor, { approval: unknown }>): AwaitedThing => {
  if ('until' in what) return { key, kind: 'time', until: instant(what.until), onLimit: 'fail' };
  const { onTimeLimit: onLimit = 'fail' } = what;
  if ('child' in what) return { key, kind: 'child', refs: childIds([what.child]), onLimit };
  if ('children' in what) return { key, kind: 'children', refs: childIds(what.children), onLimit };
  if (signalName.test(what.signal)) return { key, kind: 'signal', ref: what.signal, onLimit };
  throw invalidWait(
    'The name of a signal has small letters, digits, underscores, dots and hyphens, and begins with a letter',
  );
};

/** A wait as it would be written down. @throws TaskError `invalid_wait` */
export const pendingWait = (key: string, what: WaitFor): PendingWait => {
  if (!('approval' in what)) return { wait: thingOf(key, what), timeLimitMs: 'until' in what ? 0 : limitMs(what) };
  const asks = checkedRequest(what.approval);
  return { wait: { key, kind: 'approval', onLimit: 'fail' }, timeLimitMs: asks.rules.expires_in_s * 1_000, asks };
};
