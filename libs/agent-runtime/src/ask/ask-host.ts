// What a worker does for an `ask`: the model that its tenant chose, budgets, tools that are operations of its own.
import { Injectable } from '@nestjs/common';
import { installationLimits, lowered, PayloadChecks, TenantSettings } from '@pulser/context-bus';
import { type FoundTool, TaskError, type TaskType, TenantBudgets } from '@pulser/contracts';
import type { ChatAnswer, ChatRequest } from '@pulser/models';
import { genAiAttribute, inGenAiSpan, Tracer } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import { type Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';
import { WaitingHost } from '../context/waiting-host.js';
import { AskMeter } from '../reporting/ask-meter.js';
import type { TaskContext } from '../skills/task-context.js';
import { readAnswer } from './ask-answer.js';
import { AskConversations } from './ask-conversations.js';
import { askOperation, type AskOrder, type AskResult } from '../skills/ask-order.js';
import { type AskParts, AskRun } from './ask-run.js';
import { type AskTool, askTools, type CallOperation, type DelegateTool, type McpTool } from './ask-tools.js';
import { delegateName, delegateTool } from './delegate.js';
import { instructionsOf } from './instructions.js';
import { findsMore, firstMcpTools, mcpTool, toolFinder } from './mcp-tools.js';
import { ModelCalls, type ModelQuestion } from './model-calls.js';
import { ModelChoice } from './model-choice.js';
import { StreamedLines } from './streamed-lines.js';

/** What is fixed when an `ask` starts, for all its attempts. */
interface Start {
  /** Milliseconds since 1970, by the clock of the worker that began. */
  readonly at: number;
  readonly tools: readonly string[];
  /** Task types whose agents may be asked. Missing in what began before there was `delegate`. */
  readonly delegates?: readonly TaskType[];
  /** Of MCP servers. Missing in what began before there were any. */
  readonly mcp?: readonly FoundTool[];
}

/** What the worker does for one `ask`. */
export interface AskCalls {
  /** Calls an operation of the agent in the name of the attempt; `scope` is for its keys. */
  readonly operate: (scope: string) => CallOperation;
  /** A text without secrets that the attempt was given. */
  readonly redacted: (text: string) => string;
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
    private readonly conversations: AskConversations,
    private readonly env: AgentEnv,
    private readonly tracer: Tracer,
    private readonly meter: AskMeter,
  ) {}

  handle(order: AskOrder, attempt: Attempt, context: TaskContext, calls: AskCalls): Promise<AskResult> {
    const { name } = this.profile;
    const { conversation_id: conversation } = order;
    const attributes = {
      [genAiAttribute.agent]: name,
      ...(conversation !== undefined && { [genAiAttribute.conversation]: conversation }),
    };
    return inGenAiSpan(
      this.tracer,
      'invoke_agent',
      name,
      async () => new AskRun(order, context, await this.parts(order, attempt, context, calls)).run(),
      { attributes, isFailure: () => attempt.pendingWait === undefined },
    );
  }

  private async parts(
    order: AskOrder,
    attempt: Attempt,
    context: TaskContext,
    { operate, redacted }: AskCalls,
  ): Promise<AskParts> {
    const models = await this.choice.of(context, this.profile.name);
    const budgets = await this.budgetsOf(attempt.tenantId);
    const limits = lowered(installationLimits(this.env), budgets, { task: order.budget, tree: order.tree_budget });
    const offered = askTools(this.profile.toolsOf(attempt.taskType), order.tools, context);
    const start = await context.once<Start>('ask:start', async () => ({
      at: Date.now(),
      tools: [...offered.keys()],
      delegates: await this.delegatesOf(order, attempt),
      mcp: await firstMcpTools(context, order.question, order.tools),
    }));
    const askModel = this.asking(attempt, context, { models, limits }, start);
    const askSummary = (request: ChatRequest): Promise<ChatAnswer> => askModel(request, 'summary');
    return {
      instructions: instructionsOf(this.profile.name, this.profile.instructionsOf(attempt.taskType)),
      opening: await this.conversations.open(order, attempt, context, { askModel: askSummary, redacted }),
      tools: this.toolsOf(order, context, start, offered),
      maxOutputTokens: Math.min(order.max_output_tokens ?? Infinity, this.env.LLM_MAX_OUTPUT_TOKENS),
      askModel,
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

  private asking(
    attempt: Attempt,
    { log }: TaskContext,
    asked: Pick<ModelQuestion, 'models' | 'limits'>,
    start: Start,
  ): AskParts['askModel'] {
    return async (request, step) => {
      this.checkTime(start);
      const lines = typeof step === 'number' ? new StreamedLines(log, step) : undefined;
      const onText = (text: string): void => {
        lines?.add(text);
      };
      try {
        return await this.calls.ask(attempt, { ...asked, request, step: `ask:${step}`, onText });
      } finally {
        lines?.flush();
      }
    };
  }

  private delegatesOf({ delegate_to = [] }: AskOrder, attempt: Attempt): Promise<readonly TaskType[]> {
    const types = [...new Set(delegate_to.map(({ task_type }) => task_type))];
    return this.waiting.submittable(attempt, types, askOperation);
  }

  private toolsOf(
    order: AskOrder,
    context: TaskContext,
    { at, tools, delegates = [], mcp = [] }: Start,
    offered: ReadonlyMap<string, AskTool>,
  ): ReadonlyMap<string, AskTool> {
    const first = mcp.map((tool): AskTool => this.tracedMcp(mcpTool(context.tools, tool)));
    const finder = toolFinder(context.tools);
    const more: AskTool[] = findsMore(mcp, order.tools)
      ? [{ ...finder, offer: (found) => this.tracedMcp(finder.offer(found)) }]
      : [];
    // An operation of the agent keeps its name.
    const fixed = new Map<string, AskTool>([
      ...[...first, ...more].map((tool) => [tool.described.name, tool] as const),
      ...[...offered].filter(([name]) => tools.includes(name)),
    ]);
    if (delegates.length === 0) return fixed;
    const leftS = (): number => this.env.LLM_TASK_MAX_S - (Date.now() - at) / 1_000;
    return fixed.set(delegateName, this.tracedDelegate(delegateTool(order, delegates, context, leftS)));
  }

  // The agent that is asked has a span of its own in the same trace.
  private tracedDelegate(delegate: DelegateTool): DelegateTool {
    return {
      ...delegate,
      begin: (key, given) => {
        const attributes = { [genAiAttribute.tool]: delegateName, [genAiAttribute.call]: key };
        return inGenAiSpan(this.tracer, 'execute_tool', delegateName, () => delegate.begin(key, given), { attributes });
      },
    };
  }

  private tracedMcp(tool: McpTool): McpTool {
    const { name } = tool.described;
    return {
      ...tool,
      call: (given, key) => {
        const attributes = { [genAiAttribute.tool]: name, [genAiAttribute.call]: key };
        return inGenAiSpan(this.tracer, 'execute_tool', name, () => tool.call(given, key), { attributes });
      },
    };
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
