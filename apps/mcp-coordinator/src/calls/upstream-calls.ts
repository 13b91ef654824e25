// A call on its way to its server: within the places of the server and its breaker, again where nothing can have been done, and
// with its failures by their codes.
import { setTimeout as wait } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { BreakerOpen, Breakers } from '@pulser/service-kit';

import type { RegisteredTool } from '../registry/definition.policy.js';
import type { ToolAnswer, ToolProgress } from '../upstreams/tool-answer.js';
import type { Upstreams } from '../upstreams/upstreams.js';
import { UpstreamLost, UpstreamRefused, UpstreamUnavailable } from '../upstreams/upstream-errors.js';
import { failureIn, isOutage } from './answer.policy.js';
import { CallFailure } from './call-failure.js';
import { ServerPlaces } from './server-places.js';

export interface OutgoingCall {
  readonly tool: RegisteredTool;
  readonly tenantId: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: ToolProgress) => void) | undefined;
  /** Called when it leaves for the server. */
  readonly onSent: () => void;
  /** Whether it may be sent again when it was sent, and no answer came. */
  readonly mayRepeat: boolean;
}

/** Milliseconds before the next tries, of a server that is being started again. */
const pauses = [150, 400, 800, 1_500];

/** Nothing was sent. */
const wasNotSent = (error: unknown): boolean =>
  error instanceof UpstreamUnavailable || (error instanceof UpstreamLost && !error.mayHaveRun);

const refusalOf = ({ message }: UpstreamRefused): CallFailure =>
  new CallFailure('upstream_error', message.slice(0, 1_000));

const failureOf = (error: unknown): unknown => {
  if (error instanceof UpstreamUnavailable)
    return new CallFailure('server_unavailable', error.message, { cause: error });
  if (error instanceof UpstreamRefused) return refusalOf(error);
  if (error instanceof UpstreamLost)
    return error.mayHaveRun
      ? new CallFailure('upstream_error', error.message, { mayHaveRun: true, cause: error })
      : new CallFailure('server_unavailable', error.message, { cause: error });
  return error;
};

@Injectable()
export class UpstreamCalls {
  constructor(
    private readonly upstreams: Pick<Upstreams, 'call'>,
    private readonly places: ServerPlaces,
    private readonly breakers: Breakers,
  ) {}

  /** @throws CallFailure; the reason of the signal */
  send(call: OutgoingCall): Promise<ToolAnswer> {
    return this.places.run(call.tool.server, call.signal, () => this.guarded(call));
  }

  private async guarded(call: OutgoingCall): Promise<ToolAnswer> {
    const { tool, tenantId } = call;
    // Of a tenant too: what one has configured wrongly is no reason to refuse another.
    const member = [tool.server, tool.tool, tool.isOwn ? tenantId : ''].join(' ');
    try {
      return await this.breakers.of('mcp_tool', { member, isFailure: isOutage }).run(() => this.tried(call));
    } catch (error) {
      if (error instanceof BreakerOpen)
        throw new CallFailure(
          'server_unavailable',
          `${tool.exposedName} has failed again and again: it is tried again soon`,
          {
            retryAfterS: 5,
            cause: error,
          },
        );
      throw error;
    }
  }

  private async tried(call: OutgoingCall): Promise<ToolAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.answered(call);
      } catch (error) {
        const pause = pauses[attempt];
        const again = wasNotSent(error) || (error instanceof UpstreamLost && call.mayRepeat);
        if (pause === undefined || !again) throw failureOf(error);
        await wait(pause, undefined, { signal: call.signal });
      }
    }
  }

  /** @throws CallFailure when the tool says that it failed; UpstreamUnavailable, UpstreamLost, UpstreamRefused */
  private async answered({
    tool,
    arguments: args,
    meta,
    signal,
    onProgress,
    onSent,
  }: OutgoingCall): Promise<ToolAnswer> {
    signal.throwIfAborted();
    onSent();
    const answer = await this.upstreams.call(tool.server, tool.tool, args, { signal, meta, onProgress });
    if (answer.isError) throw failureIn(answer, tool.isOwn);
    return answer;
  }
}
