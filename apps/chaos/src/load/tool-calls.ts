// Calls of tools of a run, over REST: each of a tool that changes something, with an idempotency key, is repeated until it has an
// end; each that reads is made once.
import { setTimeout as wait } from 'node:timers/promises';

import type { Random, Tenant } from '@pulser/harness';
import { type CallEnd, type EffectTool, endOf } from '@pulser/testing/tool-calls';
import { z } from 'zod';

export interface ToolCallsOptions {
  readonly gateways: readonly string[];
  /** With keys that may call every tool. */
  readonly callers: readonly Tenant[];
  readonly servers: readonly string[];
  readonly random: Random;
}

/** Calls at a time. */
const width = 4;
/** Milliseconds between two calls of one caller. */
const pauseMs = [50, 400] as const;
const timeoutMs = 5_000;
/** Of the calls that change something, this share is of the tool that destroys. */
const destroyingShare = 0.3;

const Problem = z.object({ may_have_run: z.boolean().optional(), key_spent: z.boolean().optional() });

interface Answer {
  readonly status: number;
  readonly problem: z.infer<typeof Problem>;
}

interface Call {
  readonly server: string;
  readonly tool: EffectTool;
  readonly ref: string;
  readonly caller: Tenant;
}

/** Callers of tools, and what each of their calls came to as they know it. */
export class ToolCalls {
  /** Of calls that change something; undefined: none is known. */
  readonly ends = new Map<string, CallEnd | undefined>();
  /** When each call that reads was answered, in milliseconds since the epoch. */
  readonly reads = new Map<string, number>();
  private readonly stopping = new AbortController();
  private readonly givingUp = new AbortController();
  private seq = 0;
  private going: Promise<unknown> | undefined;

  constructor(private readonly options: ToolCallsOptions) {}

  start(): void {
    this.going ??= Promise.all(Array.from({ length: width }, () => this.keepCalling()));
  }

  /** Begins no more calls, and waits for the ends of those under way. @returns those that got none */
  async stop(patienceMs: number): Promise<string[]> {
    this.stopping.abort();
    const timer = setTimeout(() => {
      this.givingUp.abort();
    }, patienceMs);
    await this.going;
    clearTimeout(timer);
    return [...this.ends].flatMap(([ref, end]) => (end === undefined ? [ref] : []));
  }

  private async keepCalling(): Promise<void> {
    const { random, servers, callers } = this.options;
    while (!this.stopping.signal.aborted) {
      const call = { server: random.pick(servers), ref: `call-${++this.seq}`, caller: random.pick(callers) };
      await this.change({ ...call, tool: random.chance(destroyingShare) ? 'destroy' : 'apply' });
      await this.look({ ...call, tool: 'look' });
      await wait(random.between(...pauseMs));
    }
  }

  private async change(call: Call): Promise<void> {
    this.ends.set(call.ref, undefined);
    while (!this.givingUp.signal.aborted) {
      const answer = await this.ask(call);
      const end = answer && endOf(answer.status === 200, answer.problem);
      if (end !== undefined) return void this.ends.set(call.ref, end);
      await wait(this.options.random.between(...pauseMs));
    }
  }

  private async look(call: Call): Promise<void> {
    const answer = await this.ask(call);
    if (answer?.status === 200) this.reads.set(call.ref, Date.now());
  }

  /** @returns undefined when no answer came */
  private async ask({ server, tool, ref, caller }: Call): Promise<Answer | undefined> {
    const gateway = this.options.random.pick(this.options.gateways);
    const key = tool === 'look' ? {} : { idempotency_key: ref };
    try {
      const response = await fetch(`${gateway}/api/v1/mcp/tools/${server}__${tool}/call`, {
        method: 'POST',
        headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ arguments: { ref }, ...key }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, problem: Problem.parse(await response.json()) };
    } catch {
      return undefined;
    }
  }
}
