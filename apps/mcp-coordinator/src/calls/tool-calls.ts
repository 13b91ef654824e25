// The way of one call, from whichever entrance: view, arguments, approval, what it acts with, a row before anything leaves, the
// server, the result, and the row of its end.
import { Injectable } from '@nestjs/common';
import {
  bodyHash,
  CallApprovals,
  placeAmong,
  type ToolCallRow,
  childIdOf,
  keyedCallIds,
  newCallId,
  SecretsNotConfigured,
  SecretUnreadable,
  shownArguments,
  TenantSettings,
  ToolCallLog,
} from '@pulser/context-bus';
import {
  type ApprovedCalls,
  httpErrors,
  jsonFault,
  jsonFaultText,
  keptJson,
  keptText,
  type ToolCallOutcome,
  type ToolCallReply,
  toolLimits,
  type ToolResult,
} from '@pulser/contracts';
import { DatabaseUnavailable } from '@pulser/database';
import { callMetaKeys } from '@pulser/mcp-server-kit';
import { Logger } from '@pulser/service-kit';

import type { RegisteredTool } from '../registry/definition.policy.js';
import type { ToolRegistry } from '../registry/tool-registry.js';
import type { ToolProgress } from '../upstreams/tool-answer.js';
import { resultOf } from './answer.policy.js';
import { type CallGate, gateOf } from './approval.policy.js';
import { ArgumentChecks } from './argument-checks.js';
import { CallFailure } from './call-failure.js';
import { CallMeter } from './call-meter.js';
import { CallRecorder } from './call-recorder.js';
import { CallCredentials, type Credentials } from './credentials.js';
import { afterEarlier } from './earlier-call.policy.js';
import { HiddenValues } from './hidden-values.js';
import { LastKnown } from './last-known.js';
import { UpstreamCalls } from './upstream-calls.js';
import { type Caller, sees } from './view.policy.js';

export interface CallOrder {
  readonly callId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
  readonly approvalId: string | undefined;
  /** What the approval is of, where it is not of this call alone. */
  readonly approvedCalls?: ApprovedCalls | undefined;
}

export interface CallLimits {
  /** Whoever calls does not wait any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
  readonly onProgress?: ((progress: ToolProgress) => void) | undefined;
}

type Answered = Omit<ToolResult, 'call_id'>;

/** A call in hand. */
interface Call {
  readonly caller: Caller;
  readonly order: CallOrder;
  readonly limits: CallLimits;
  readonly startedAt: Date;
  readonly began: number;
  readonly hash: string;
  callId: string;
  tool: RegisteredTool | undefined;
  /** Undefined: what must not be shown is not known. */
  hidden: HiddenValues | undefined;
  /** Its row was written before it left. */
  isWritten: boolean;
  /** It has left for the server. */
  isSent: boolean;
}

const maxShownBytes = 16_384;
const notKept = '(not kept)';
const maxKeptAnswerBytes = 65_536;
const settingsCacheMs = 750;

@Injectable()
export class ToolCalls {
  private readonly rules = new LastKnown<unknown>(settingsCacheMs);

  constructor(
    private readonly tools: Pick<ToolRegistry, 'find' | 'list'>,
    private readonly checks: ArgumentChecks,
    private readonly credentials: CallCredentials,
    private readonly upstreams: UpstreamCalls,
    private readonly approvals: CallApprovals,
    private readonly settings: TenantSettings,
    private readonly log: ToolCallLog,
    private readonly recorder: CallRecorder,
    private readonly meter: CallMeter,
    private readonly logger: Logger,
    /** What the coordinator says of itself, for a tool that needs it. */
    private readonly host: () => unknown,
    /** A person of the tenant has something to decide. */
    private readonly onAsked: (tenantId: string) => void,
  ) {}

  /** Tools in the view of a caller. */
  visible(caller: Caller): readonly RegisteredTool[] {
    return this.tools.list().filter((tool) => !tool.isQuarantined && sees(caller, tool));
  }

  /** What the tenant lacks for a call of this tool; undefined: nothing. @throws DatabaseUnavailable */
  async missing(tenantId: string, tool: RegisteredTool): Promise<string | undefined> {
    try {
      await this.credentials.of(tenantId, tool);
      return undefined;
    } catch (error) {
      const failure = this.failureOf(error);
      if (failure.code !== 'not_configured') throw error;
      return failure.message;
    }
  }

  /** What stands before calls of this tool in the tenant, or before one of them. @throws DatabaseUnavailable */
  async gate(tenantId: string, tool: RegisteredTool, given: CallOrder['arguments'] = {}): Promise<CallGate> {
    const rules = await this.rules.get(
      tenantId,
      async () => (await this.settings.find(tenantId, 'tool-approvals'))?.value,
    );
    return gateOf(tool, rules, given);
  }

  /** Makes a call. Never throws: whatever becomes of it is in the reply, and in its row. */
  async call(caller: Caller, given: CallOrder, limits: CallLimits): Promise<ToolCallReply> {
    const fault = jsonFault(given.arguments);
    const order = fault === undefined ? given : { ...given, arguments: {} };
    const call: Call = {
      ...{ caller, order, limits, startedAt: new Date(), began: performance.now() },
      hash: bodyHash(order.arguments),
      callId: order.callId,
      tool: undefined,
      hidden: undefined,
      isWritten: false,
      isSent: false,
    };
    const late = signalOf(limits);
    try {
      call.hidden = new HiddenValues(await this.credentials.valuesOf(caller.tenantId));
      if (fault !== undefined) throw new CallFailure('invalid_args', jsonFaultText(fault));
      const answered = await this.answered(call, late.signal);
      await this.end(call, 'done', null, answered);
      return { ok: true, result: { call_id: call.callId, ...answered } };
    } catch (error) {
      return await this.failed(call, late.failure(error, call) ?? this.failureOf(error));
    } finally {
      late.stop();
    }
  }

  private async answered(call: Call, signal: AbortSignal): Promise<Answered> {
    const tool = (call.tool = this.seen(call));
    const { order, caller } = call;
    this.checks.requireArguments(tool, order.arguments);
    if (JSON.stringify(order.arguments).length > toolLimits.argumentBytes)
      throw new CallFailure('invalid_args', `The arguments have more than ${toolLimits.argumentBytes} bytes`);
    const { asks, notify } = await this.gate(caller.tenantId, tool, order.arguments);
    if (asks && order.approvalId === undefined) throw await this.approvalRequired(call, tool, notify);
    const credentials = await this.credentials.of(caller.tenantId, tool);
    const earlier = asks || tool.flag !== 'read' ? await this.begun(call, tool, asks) : undefined;
    if (earlier !== undefined) return earlier;
    return this.sent(call, tool, credentials, signal);
  }

  private async sent(
    call: Call,
    tool: RegisteredTool,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Answered> {
    const { order, caller, limits } = call;
    const answer = await this.upstreams.send({
      ...{ tool, tenantId: caller.tenantId, arguments: order.arguments, signal, onProgress: limits.onProgress },
      meta: this.metaOf(call, tool, credentials),
      onSent: () => {
        call.isSent = true;
      },
      mayRepeat: tool.flag === 'read' || (order.idempotencyKey !== undefined && tool.isIdempotent),
    });
    this.checks.requireResult(tool, answer.structuredContent);
    const result = resultOf(answer);
    return call.hidden === undefined ? result : call.hidden.value(result);
  }

  /** @throws CallFailure */
  private seen({ order, caller }: Call): RegisteredTool {
    const tool = this.tools.find(order.tool);
    if (tool === undefined) throw new CallFailure('unknown_tool', `There is no tool ${order.tool}`);
    if (!sees(caller, tool)) throw new CallFailure('not_allowed', `${order.tool} is not in the view of the caller`);
    if (tool.isQuarantined)
      throw new CallFailure(
        'server_unavailable',
        `The definition of ${order.tool} has changed: an operator has to look at it`,
      );
    return tool;
  }

  private async approvalRequired(
    { caller, order }: Call,
    { exposedName }: RegisteredTool,
    notify: readonly string[],
  ): Promise<CallFailure> {
    // A task waits for the decision by itself, as for any other.
    if (caller.kind === 'task') return new CallFailure('approval_required', httpErrors.approval_required.title);
    const subject = { tool: exposedName, arguments: order.arguments };
    const approvalId = await this.approvals.ask(caller.tenantId, caller, subject, notify);
    this.onAsked(caller.tenantId);
    const message = 'Persons have to approve this call: repeat it with the approval_id when they have';
    return new CallFailure('approval_required', message, { approvalId });
  }

  /** Writes the call down before it leaves. @returns what it answered, when it was made before. @throws CallFailure */
  private async begun(call: Call, tool: RegisteredTool, asks: boolean): Promise<Answered | undefined> {
    const { caller, order } = call;
    const approvalId = asks ? (order.approvalId ?? null) : null;
    const [id, formerId] = idsOf(call, approvalId);
    call.callId = id;
    const subject = { tool: tool.exposedName, arguments: order.arguments, within: order.approvedCalls };
    const beginning = await this.log.begin({ ...this.rowOf(call), approvalId, subject, formerId });
    switch (beginning.kind) {
      case 'begun':
        call.isWritten = true;
        return undefined;
      case 'claim_lost':
        throw new CallFailure('not_allowed', 'The task is no longer with the caller');
      case 'not_approved':
        throw new CallFailure('approval_required', 'This very call was not approved, or by nobody yet');
      case 'earlier': {
        const mayRepeat = order.idempotencyKey !== undefined && tool.isIdempotent;
        const answered = afterEarlier(beginning.call, mayRepeat && caller.kind === 'task');
        call.isWritten = answered === undefined;
        return answered;
      }
    }
  }

  private metaOf({ caller, order }: Call, tool: RegisteredTool, credentials: Credentials): Record<string, unknown> {
    if (!tool.isOwn) return {};
    const { tenantId } = caller;
    return {
      [callMetaKeys.variables]: credentials.variables,
      [callMetaKeys.tenant]: tenantId,
      ...(credentials.isOperators && { [callMetaKeys.privateAddresses]: true }),
      ...(order.idempotencyKey !== undefined && { [callMetaKeys.idempotencyKey]: order.idempotencyKey }),
      ...(tool.needsHost && { [callMetaKeys.host]: this.host() }),
    };
  }

  private failureOf(error: unknown): CallFailure {
    if (error instanceof CallFailure) return error;
    if (error instanceof DatabaseUnavailable)
      return new CallFailure('server_unavailable', 'The database cannot be reached', { cause: error, retryAfterS: 2 });
    if (error instanceof SecretsNotConfigured || error instanceof SecretUnreadable)
      return new CallFailure('not_configured', error.message, { cause: error });
    this.logger.error({ err: error }, 'a call of a tool has failed in the coordinator');
    return new CallFailure('upstream_error', 'Something failed on our side', { cause: error });
  }

  private async failed(call: Call, failure: CallFailure): Promise<ToolCallReply> {
    const { code, facts } = failure;
    const text = keptText(failure.message, 1_000);
    const message = call.hidden?.text(text) ?? text;
    await this.end(call, facts.mayHaveRun === true && code !== 'timeout' ? 'lost' : code, message, null);
    const { approvalId, retryAfterS, mayHaveRun, keySpent } = facts;
    return {
      ok: false,
      error: {
        ...{ code, message, call_id: call.callId },
        ...(approvalId !== undefined && { approval_id: approvalId }),
        ...(retryAfterS !== undefined && { retry_after_s: retryAfterS }),
        ...(mayHaveRun === true && { may_have_run: true as const }),
        ...(keySpent === true && { key_spent: true as const }),
      },
    };
  }

  private async end(
    call: Call,
    outcome: ToolCallOutcome,
    message: string | null,
    answered: Answered | null,
  ): Promise<void> {
    const durationMs = performance.now() - call.began;
    this.meter.ended(call.tool, outcome, durationMs);
    // One that was not written before has a row of its own, under an id that no caller has chosen.
    if (!call.isWritten) call.callId = newCallId();
    const answer = call.isWritten && call.order.callId !== call.callId ? keptAnswer(answered) : null;
    const row = { ...this.rowOf(call), outcome, message, durationMs, answer };
    if (call.isWritten) await this.recorder.addNow(row);
    else this.recorder.add(row);
  }

  private rowOf({ caller, order, tool, hash, callId, startedAt, hidden }: Call): ToolCallRow {
    const author =
      caller.kind === 'task'
        ? { agent: caller.agent, taskId: caller.taskId, epoch: caller.epoch, principal: null }
        : { agent: null, taskId: null, epoch: null, principal: caller.id };
    return {
      ...author,
      ...{ tenantId: caller.tenantId, callId, at: startedAt, tool: order.tool, argumentsHash: hash },
      ...{ server: tool?.server ?? null, flag: tool?.flag ?? null, approvalId: order.approvalId ?? null },
      arguments:
        hidden === undefined ? notKept : keptJson(shownArguments(hidden.value(order.arguments)), maxShownBytes),
      ...{ outcome: 'pending', message: null, durationMs: null, answer: null },
    };
  }
}

const keptAnswer = (answered: Answered | null): unknown =>
  answered !== null && Buffer.byteLength(JSON.stringify(answered)) <= maxKeptAnswerBytes ? answered : null;

/** Of an approval of several calls each is made once. */
const approvedName = ({ tool, arguments: given, approvedCalls }: CallOrder): string =>
  approvedCalls === undefined
    ? 'tool call'
    : `tool call ${placeAmong(approvedCalls, { tool, arguments: given }) ?? 'of none'}`;

/** The id of a call, and that under which the same may have been made before. */
const idsOf = ({ caller, order }: Call, approvalId: string | null): readonly [string, string | undefined] => {
  if (approvalId !== null) return [childIdOf(approvalId, approvedName(order)), undefined];
  const { idempotencyKey, callId } = order;
  if (idempotencyKey === undefined) return [callId, undefined];
  if (caller.kind === 'task') return [childIdOf(caller.taskId, `tool call ${idempotencyKey}`), undefined];
  return keyedCallIds(caller.tenantId, caller.id, idempotencyKey, Date.now());
};

/** Ends at the deadline, or when whoever calls has gone. */
const signalOf = ({ signal, deadline }: CallLimits) => {
  const latest = Date.now() + toolLimits.maxTimeoutMs;
  const ms = Math.max(0, Math.min(deadline ?? latest, latest) - Date.now());
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, ms);
  return {
    signal: AbortSignal.any([signal, late.signal]),
    stop: () => {
      clearTimeout(timer);
    },
    /** What an error means once one of both has happened; undefined: none has. */
    failure: (error: unknown, { isSent, tool }: Pick<Call, 'isSent' | 'tool'>): CallFailure | undefined => {
      if (error instanceof CallFailure || !(signal.aborted || late.signal.aborted)) return undefined;
      const why = signal.aborted ? 'Whoever called does not wait any more' : `There is no answer after ${ms} ms`;
      if (tool?.flag === 'read') return new CallFailure('timeout', why, { cause: error });
      // Nothing has left: it may be made again.
      if (!isSent) return new CallFailure('server_unavailable', why, { cause: error });
      return new CallFailure('timeout', why, { mayHaveRun: true, cause: error });
    },
  };
};
