// What a worker does for an `ask`: the model that its tenant chose, budgets, tools that are operations of its own.
import { Injectable } from '@nestjs/common';
import { installationLimits, lowered, PayloadChecks, TenantSettings } from '@pulser/context-bus';
import { TaskError, type TaskType, TenantBudgets } from '@pulser/contracts';
import { genAiAttribute, inGenAiSpan, Tracer } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import { type Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';
import { WaitingHost } from '../context/waiting-host.js';
import { AskMeter } from '../reporting/ask-meter.js';
import type { TaskContext } from '../skills/task-context.js';
import { readAnswer } from './ask-answer.js';
import { askOperation, type AskOrder, type AskResult } from '../skills/ask-order.js';
import { type AskParts, AskRun } from './ask-run.js';
import { type AskTool, askTools, type CallOperation } from './ask-tools.js';
import { delegateTool } from './delegate.js';
import { instructionsOf } from './instructions.js';
import { ModelCalls } from './model-calls.js';
import { ModelChoice } from './model-choice.js';
import { StreamedLines } from './streamed-lines.js';

/** What is fixed when an `ask` starts, for all its attempts. */
interface Start {
  /** Milliseconds since 1970, by the clock of the worker that began. */
  readonly at: number;
  readonly tools: readonly string[];
  /** Task types whose agents may be asked. Missing in what began before there was `delegate`. */
  readonly delegates?: readonly TaskType[];
}

const tooLong = (seconds: number): TaskError =>
  new TaskError('budget_spent', `The ask has run longer than it may (${seconds} s)`, {
    details: { budget: 'task.time' },
  });

@Injectable()
export class AskHost {
  constructor(
    private readonly profile: AgentProfile,
    private readonly choice: ModelChoice,
    private readonly calls: ModelCalls,
    private readonly settings: TenantSettings,
    private readonly checks: PayloadChecks,
    private readonly waiting: WaitingHost,
    private readonly env: AgentEnv,
    private readonly tracer: Tracer,
    private readonly meter: AskMeter,
  ) {}

  /** @param operate calls an operation of the agent in the name of the attempt; `scope` is for the keys of its effects */
  handle(
    order: AskOrder,
    attempt: Attempt,
    context: TaskContext,
    operate: (scope: string) => CallOperation,
  ): Promise<AskResult> {
    const { name } = this.profile;
    return inGenAiSpan(
      this.tracer,
      'invoke_agent',
      name,
      async () => new AskRun(order, context, await this.parts(order, attempt, context, operate)).run(),
      { attributes: { [genAiAttribute.agent]: name }, isFailure: () => attempt.pendingWait === undefined },
    );
  }

  private async parts(
    order: AskOrder,
    attempt: Attempt,
    context: TaskContext,
    operate: (scope: string) => CallOperation,
  ): Promise<AskParts> {
    const models = await this.choice.of(context, this.profile.name);
    const budgets = await this.budgetsOf(attempt.tenantId);
    const limits = lowered(installationLimits(this.env), budgets, { task: order.budget, tree: order.tree_budget });
    const offered = askTools(this.profile.toolsOf(attempt.taskType), order.tools, context);
    const start = await context.once<Start>('ask:start', async () => ({
      at: Date.now(),
      tools: [...offered.keys()],
      delegates: await this.delegatesOf(order, attempt),
    }));
    const maxOutputTokens = Math.min(order.max_output_tokens ?? Infinity, this.env.LLM_MAX_OUTPUT_TOKENS);
    return {
      instructions: instructionsOf(this.profile.name, this.profile.instructionsOf(attempt.taskType)),
      tools: this.toolsOf(order, context, start, offered),
      maxOutputTokens,
      askModel: async (request, step) => {
        this.checkTime(start);
        const lines = new StreamedLines(context.log, step);
        const onText = (text: string): void => {
          lines.add(text);
        };
        try {
          return await this.calls.ask(attempt, { models, request, limits, step: `ask:${step}`, onText });
        } finally {
          lines.flush();
        }
      },
      operate: (scope) => this.traced(scope, operate(scope), attempt),
      read: (text) => readAnswer(text, order.schema, this.checks),
      toolEnded: (_tool, outcome) => {
        this.meter.called(outcome);
      },
      rethrow: (thrown) => {
        if (thrown instanceof LeaseLost || thrown instanceof WorkerStopping) throw thrown;
        attempt.signal.throwIfAborted();
        // It waits: whatever came through a thread says so, the run ends here.
        if (attempt.pendingWait !== undefined) throw thrown;
      },
    };
  }

  private delegatesOf({ delegate_to = [] }: AskOrder, attempt: Attempt): Promise<readonly TaskType[]> {
    const types = [...new Set(delegate_to.map(({ task_type }) => task_type))];
    return this.waiting.submittable(attempt, types, askOperation);
  }

  private toolsOf(
    order: AskOrder,
    context: TaskContext,
    { at, tools, delegates = [] }: Start,
    offered: ReadonlyMap<string, AskTool>,
  ): ReadonlyMap<string, AskTool> {
    const fixed = new Map([...offered].filter(([name]) => tools.includes(name)));
    if (delegates.length === 0) return fixed;
    const leftS = (): number => this.env.LLM_TASK_MAX_S - (Date.now() - at) / 1_000;
    const delegate = delegateTool(order, delegates, context, leftS);
    return fixed.set(delegate.described.name, delegate);
  }

  private traced(scope: string, operate: CallOperation, attempt: Attempt): CallOperation {
    return (payload) => {
      const tool = String(payload['operation']);
      return inGenAiSpan(this.tracer, 'execute_tool', tool, () => operate(payload), {
        attributes: { [genAiAttribute.tool]: tool, [genAiAttribute.call]: scope },
        isFailure: () => attempt.pendingWait === undefined,
      });
    };
  }

  private checkTime({ at }: Start): void {
    if (Date.now() - at > this.env.LLM_TASK_MAX_S * 1_000) throw tooLong(this.env.LLM_TASK_MAX_S);
  }

  private async budgetsOf(tenantId: string): Promise<TenantBudgets> {
    const row = await this.settings.find(tenantId, 'budgets');
    if (row === undefined) return {};
    const { data } = TenantBudgets.safeParse(row.value);
    // Written by a newer version: what is not understood could be a limit.
    if (data === undefined) throw new TaskError('budget_spent', 'The setting `budgets` is not understood');
    return data;
  }
}
