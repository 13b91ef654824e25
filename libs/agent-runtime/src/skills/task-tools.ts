// Tools of MCP servers, as a handler has them.
import type { ApprovedCalls, FoundTool, McpTool } from '@pulser/contracts';

import type { ApprovalTerms } from './task-waits.js';

/** Calls that persons approve together, before the first of them is made. */
export interface CallsToApprove extends ApprovalTerms {
  /** One line of 200 characters at most. */
  readonly title: string;
  /** 60 at most: each may be made once, with these very arguments, also none. */
  readonly calls: readonly { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  /** What persons are shown beside the calls: with them 64 KB at most, as JSON. */
  readonly about?: Readonly<Record<string, unknown>>;
}

/** What persons have approved: of use for `call`. */
export interface CallsApproval {
  readonly approvalId: string;
  readonly approvedCalls: ApprovedCalls;
}

export interface ToolCallOptions {
  /** Names the call among others of the task that are the same; without, its arguments name it. Not for tools that only read. */
  readonly key?: string;
  /** Seconds after which it is given up; 60 without. */
  readonly timeoutS?: number;
  /** Of `approve`, where the call is among those that it was for. */
  readonly approval?: CallsApproval | undefined;
}

/** What a tool answered. */
export interface ToolAnswer {
  readonly callId: string;
  readonly content: readonly { readonly type: string }[];
  /** By the output schema of the tool; null: it has none. */
  readonly structured: Readonly<Record<string, unknown>> | null;
}

/** Tools of MCP servers: those in the view of the agent that runs the task. */
export interface TaskTools {
  /**
   * Calls a tool, `<server>__<tool>`. One that changes something is an effect of the task (`once`): made once for its key, and a
   * later attempt gets its answer. One that persons have to approve suspends the task until they have, like `waitFor`; so
   * everything before must be the same again.
   * @throws TaskError `tool_failed` with the code of the call in its details; `approval_denied`, `approval_expired`
   */
  readonly call: (
    tool: string,
    given?: Readonly<Record<string, unknown>>,
    options?: ToolCallOptions,
  ) => Promise<ToolAnswer>;
  /**
   * Has persons approve several calls at once, so that the later ones need not wait: such as what undoes the first one. What
   * they approve is exactly these calls. Suspends the task like `waitFor`, and each call is then made with what it returns.
   * @throws TaskError `approval_denied`, `approval_expired`, `invalid_wait`
   */
  readonly approve: (key: string, asked: CallsToApprove) => Promise<CallsApproval>;
  /** Those of these names that may be called. @throws BrokerUnavailable, RequestTimedOut when there is no coordinator */
  readonly list: (names: readonly string[]) => Promise<readonly McpTool[]>;
  /** Those that fit what is to be done, in any words, the best first; none when there is no coordinator. */
  readonly find: (query: string, limit?: number) => Promise<readonly FoundTool[]>;
}
