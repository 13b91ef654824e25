// Calls of tools for whoever shows an API key at /mcp: the same way as from any other entrance.
import { Injectable } from '@nestjs/common';
import { newCallId } from '@pulser/context-bus';
import type { RoleName, ToolCallReply } from '@pulser/contracts';

import { Callers } from '../calls/callers.js';
import { ToolCalls } from '../calls/tool-calls.js';
import type { RegisteredTool } from '../registry/definition.policy.js';
import type { ToolAnswer, ToolProgress } from '../upstreams/tool-answer.js';
import { errorAnswer } from './own-tools.js';

/** Who asks at /mcp. */
export interface DoorCaller {
  readonly apiKey: string;
  readonly tenantId: string;
  readonly keyId: string;
  readonly name: string;
  readonly role: RoleName;
}

export interface DoorCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
  readonly approvalId: string | undefined;
}

export interface DoorCallOptions {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: ToolProgress) => void) | undefined;
}

@Injectable()
export class ToolCallsAtDoor {
  constructor(
    private readonly callers: Callers,
    private readonly calls: ToolCalls,
  ) {}

  /** @throws CallFailure for a key that is not valid any more; DatabaseUnavailable */
  async visible({ tenantId, keyId }: DoorCaller): Promise<readonly RegisteredTool[]> {
    return this.calls.visible(await this.callers.keyHolder(tenantId, keyId));
  }

  /** @returns undefined for a tool that the caller does not see, which is none to it; the refusal stands in the audit */
  async call(
    { tenantId, keyId }: DoorCaller,
    call: DoorCall,
    options: DoorCallOptions,
  ): Promise<ToolAnswer | undefined> {
    const caller = await this.callers.keyHolder(tenantId, keyId);
    const order = { ...call, callId: newCallId() };
    const reply = await this.calls.call(caller, order, { ...options, deadline: undefined });
    const isUnknown = !reply.ok && (reply.error.code === 'unknown_tool' || reply.error.code === 'not_allowed');
    return isUnknown ? undefined : answerOf(reply);
  }
}

const answerOf = (reply: ToolCallReply): ToolAnswer => {
  if (!reply.ok) {
    const { code, message, ...more } = reply.error;
    return errorAnswer(code, message, more);
  }
  const { content, structured } = reply.result;
  return {
    content: content,
    ...(structured !== null && { structuredContent: structured }),
    isError: false,
  };
};
