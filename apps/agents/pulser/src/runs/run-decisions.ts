// What comes next for a run: the ends of its tasks that it has not noticed are counted, steps whose turn it is are opened by
// their conditions and lists, and payloads are made for the items that may start. Everything here only reads.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  type Decision,
  type Notice,
  type OpenRun,
  type OpenSignal,
  type RunOutcome,
  type RunRef,
  RunScopes,
  type StepChange,
  type TaskChange,
  WorkflowRuns,
} from '@pulser/context-bus';
import { awaitedSignal, type TaskStatus, workflowLimits, type WorkflowStep } from '@pulser/contracts';
import {
  advance,
  type Advance,
  type Evaluated,
  Evaluator,
  expressionsIn,
  readCel,
  readingOf,
  type Scope,
  type StepState,
} from '@pulser/workflows';

import { type Draft, draftOf, filled, templateOf } from './drafts.policy.js';

/** A decision, and the items that it starts. */
export interface Plan extends Omit<Decision, 'revision' | 'started'> {
  readonly drafts: readonly Draft[];
  /** Items whose payload cannot be made. */
  readonly refused: readonly TaskChange[];
}

/** Most tasks that one decision starts. */
export const maxStarts = 1_000;

const stateOf = ({ status, total, started, completed, failed, missing, wakesAt, result }: StepChange): StepState => ({
  status,
  total,
  started,
  completed,
  failed,
  missing: missing ?? undefined,
  hasSignal: result !== undefined,
  wakesAt: wakesAt === null ? undefined : new Date(wakesAt),
});

const endedStatus: Readonly<Partial<Record<TaskStatus, TaskChange['status']>>> = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** The ends among notices; a task that the run knows as ended counts once. */
const endsOf = (notices: readonly Notice[]): TaskChange[] =>
  notices.flatMap(({ step, index, known, status, code }) => {
    if (step === null || index === null || known !== 'open') return [];
    // A task that is kept no more has no result either.
    const ended = status === null ? 'failed' : endedStatus[status];
    return ended === undefined ? [] : [{ step, index, taskId: null, status: ended, code }];
  });

/** The steps of a run while a decision about it is made. */
class Board {
  private readonly rows: Map<string, StepChange>;
  private readonly changed = new Set<string>();
  readonly taken: (OpenSignal & { readonly step: string })[] = [];
  private signals: readonly OpenSignal[];

  constructor({ steps, signals }: Pick<OpenRun, 'steps' | 'signals'>) {
    this.rows = new Map(steps.map((row) => [row.name, row]));
    this.signals = signals;
  }

  /** The oldest signal of a name that no step has got, for this one. */
  takeSignal(step: string, name: string): OpenSignal | undefined {
    const signal = this.signals.find((one) => one.name === name);
    if (signal === undefined) return undefined;
    this.signals = this.signals.filter((one) => one !== signal);
    this.taken.push({ ...signal, step });
    return signal;
  }

  change(name: string, change: Partial<StepChange>): void {
    const row = this.rows.get(name);
    if (row === undefined) return;
    this.rows.set(name, { ...row, ...change });
    this.changed.add(name);
  }

  row(name: string): StepChange | undefined {
    return this.rows.get(name);
  }

  /** What expressions see of a step as it is on the board. */
  facts(name: string): object {
    const row = this.rows.get(name);
    if (row === undefined) return {};
    const { status, code, total, completed, failed, result } = row;
    const seen = { ...(code !== null && { code }), ...(result !== undefined && { result }) };
    return { status, ...seen, total, completed, failed };
  }

  count(ends: readonly TaskChange[]): void {
    for (const { step, status, code } of ends) {
      const row = this.rows.get(step);
      if (row === undefined) continue;
      const isDone = status === 'completed';
      this.change(step, isDone ? { completed: row.completed + 1 } : { failed: row.failed + 1, code: row.code ?? code });
    }
  }

  get states(): Map<string, StepState> {
    return new Map([...this.rows].map(([name, row]) => [name, stateOf(row)]));
  }

  get all(): StepChange[] {
    return [...this.rows.values()];
  }

  get changes(): StepChange[] {
    return [...this.changed].flatMap((name) => this.rows.get(name) ?? []);
  }
}

const namesIn = (template: unknown): string[] =>
  expressionsIn(template).flatMap(({ expression }) => {
    if (typeof expression === 'string') return [];
    const reading = readingOf(expression);
    return reading.kind === 'read' ? reading.steps : [];
  });

const stepsOfCondition = (when: string): string[] => {
  const reading = readCel(when);
  return reading.kind === 'read' ? [...reading.steps] : [];
};

@Injectable()
export class RunDecisions implements OnApplicationShutdown {
  private readonly evaluator = new Evaluator();

  constructor(
    private readonly scopes: RunScopes,
    private readonly runs: WorkflowRuns,
  ) {}

  onApplicationShutdown(): void {
    this.evaluator.close();
  }

  /** @throws DatabaseUnavailable */
  async plan(ref: RunRef, run: OpenRun): Promise<Plan> {
    const board = new Board(run);
    const ends = endsOf(run.notices);
    board.count(ends);
    const next = await this.settle(ref, run, board);
    const { drafts, refused } = await this.start(ref, run, board, next);
    const noticed = run.notices.map(({ inboxId }) => inboxId);
    const outcome = await this.outcome(ref, run, board, next);
    // What was refused may be the end of its step, and an outcome is to be carried out: the next look does that.
    const dueAt = refused.length > 0 || outcome !== undefined ? run.now : next.wakesAt;
    return { noticed, ended: ends, taken: board.taken, drafts, refused, steps: board.changes, dueAt, outcome };
  }

  /** Ends and opens steps until none does any more. */
  private async settle(ref: RunRef, run: OpenRun, board: Board): Promise<Advance> {
    for (;;) {
      await this.receive(ref, run, board);
      const next = advance(run.definition, board.states, run.now);
      for (const [name, status] of next.ended)
        board.change(name, { status, wakesAt: null, ...whyEnded(run, name, status) });
      if (next.run.kind !== 'open' || next.open.length === 0) return next;
      for (const name of next.open) {
        const step = run.definition.steps.find((one) => one.name === name);
        if (step !== undefined) board.change(name, await this.opened(ref, run, board, step));
      }
    }
  }

  /** Each signal goes to one step that waits for it, the oldest first. */
  private async receive({ tenantId, runId }: RunRef, { definition }: OpenRun, board: Board): Promise<void> {
    for (const step of definition.steps) {
      const name = awaitedSignal(step);
      if (name === undefined || board.row(step.name)?.status !== 'running') continue;
      const signal = board.takeSignal(step.name, name);
      const result = signal && (await this.runs.signal(tenantId, runId, signal));
      if (result !== undefined) board.change(step.name, { result });
    }
  }

  /** What becomes of a step whose turn it is. */
  private async opened(ref: RunRef, run: OpenRun, board: Board, step: WorkflowStep): Promise<Partial<StepChange>> {
    if (step.when !== undefined) {
      const met = await this.value(ref, run, board, { $cel: step.when }, stepsOfCondition(step.when));
      if (!met.ok) return { status: 'failed', code: met.code, detail: `when: ${met.detail}` };
      if (met.value !== true) return { status: 'skipped' };
    }
    if ('wait' in step) return this.waiting(ref, run, board, step);
    if ('approval' in step || step.map === undefined) return { status: 'running', total: 1 };
    return this.listed(ref, run, board, step.map.over);
  }

  private async listed(ref: RunRef, run: OpenRun, board: Board, over: unknown): Promise<Partial<StepChange>> {
    const list = await this.value(ref, run, board, over, namesIn(over));
    if (!list.ok) return { status: 'failed', code: list.code, detail: `map: ${list.detail}` };
    const { value } = list;
    if (!Array.isArray(value)) return { status: 'failed', code: 'no_list', detail: 'map: what it gives is no list' };
    if (value.length > workflowLimits.items)
      return {
        status: 'failed',
        code: 'fan_out_exceeded',
        detail: `map: ${value.length} items, at most ${workflowLimits.items}`,
      };
    return { status: 'running', total: value.length, items: value };
  }

  private async waiting(
    ref: RunRef,
    run: OpenRun,
    board: Board,
    { wait }: Extract<WorkflowStep, { wait: unknown }>,
  ): Promise<Partial<StepChange>> {
    if ('for_s' in wait) return { status: 'running', wakesAt: afterSeconds(run.now, wait.for_s) };
    if ('signal' in wait)
      return { status: 'running', wakesAt: wait.within_s === undefined ? null : afterSeconds(run.now, wait.within_s) };
    const until = await this.value(ref, run, board, wait.until, namesIn(wait.until));
    if (!until.ok) return { status: 'failed', code: until.code, detail: `wait: ${until.detail}` };
    const at = new Date(String(until.value));
    if (Number.isNaN(at.getTime()))
      return { status: 'failed', code: 'no_time', detail: 'wait: what it gives is no time' };
    return { status: 'running', wakesAt: at.toISOString() };
  }

  /** The tasks for which there is room now, and the items of which none can be made. */
  private async start(
    ref: RunRef,
    run: OpenRun,
    board: Board,
    next: Advance,
  ): Promise<{ drafts: Draft[]; refused: TaskChange[] }> {
    const drafts: Draft[] = [];
    const refused: TaskChange[] = [];
    for (const { step: name, indices } of next.start) {
      const step = run.definition.steps.find((one) => one.name === name);
      if (step === undefined || 'wait' in step) continue;
      const room = indices.slice(0, maxStarts - drafts.length - refused.length);
      const made = (await this.filledIn(ref, run, board, step, room)).map((one) => (one.ok ? filled(one.value) : one));
      room.forEach((index, n) => {
        const one = made[n];
        if (one?.ok === true) drafts.push(draftOf(step, index, one.value, run.priority));
        else refused.push({ step: name, index, taskId: null, status: 'failed', code: one?.code ?? null });
      });
      const failed = made.find((one) => !one.ok);
      if (failed !== undefined) board.change(name, { detail: failed.detail });
    }
    return { drafts, refused };
  }

  private async filledIn(
    ref: RunRef,
    run: OpenRun,
    board: Board,
    step: WorkflowStep,
    indices: readonly number[],
  ): Promise<readonly Evaluated[]> {
    const template = templateOf(step);
    if (expressionsIn(template).length === 0)
      return indices.map(() => ({ ok: true, value: structuredClone(template) }));
    const scope = await this.scope(ref, run, board, namesIn(template));
    if (!('map' in step) || step.map === undefined) return this.evaluator.evaluate({ template, scope });
    const kept = board.row(step.name)?.items;
    const list = Array.isArray(kept) ? kept : await this.runs.items(ref.tenantId, ref.runId, step.name);
    const items = indices.map((index) => ({ item: list[index] as unknown, index }));
    return this.evaluator.evaluate({ template, scope, items });
  }

  private async value(
    ref: RunRef,
    run: OpenRun,
    board: Board,
    template: unknown,
    names: readonly string[],
  ): Promise<Evaluated> {
    if (expressionsIn(template).length === 0) return { ok: true, value: template };
    const [answer] = await this.evaluator.evaluate({ template, scope: await this.scope(ref, run, board, names) });
    return answer ?? { ok: false, code: 'expression_failed', detail: 'There is no answer' };
  }

  /** Steps that this very decision ends or skips are seen as it leaves them. */
  private async scope(
    { tenantId, runId }: RunRef,
    { inputs }: OpenRun,
    board: Board,
    names: readonly string[],
  ): Promise<Scope> {
    const stored = await this.scopes.steps(tenantId, runId, [...new Set(names)]);
    const steps = Object.fromEntries(
      Object.entries(stored).map(([name, step]) => [name, { ...(step as object), ...board.facts(name) }]),
    );
    return { inputs, run: { id: runId }, steps };
  }

  private async outcome(
    ref: RunRef,
    run: OpenRun,
    board: Board,
    { run: end }: Advance,
  ): Promise<RunOutcome | undefined> {
    switch (end.kind) {
      case 'open':
        return undefined;
      case 'failed':
        return { status: 'failed', error: failureOf(end.step, board.row(end.step)) };
      case 'completed':
        return this.result(ref, run, board);
    }
  }

  private async result(ref: RunRef, run: OpenRun, board: Board): Promise<RunOutcome> {
    const { output } = run.definition;
    if (output === undefined) return { status: 'completed', result: { run: ref.runId, steps: summary(board) } };
    const made = await this.value(ref, run, board, output, namesIn(output));
    if (made.ok) return { status: 'completed', result: made.value };
    return { status: 'failed', error: { code: 'step_failed', message: `output: ${made.detail}` } };
  }
}

const afterSeconds = (now: Date, seconds: number): string => new Date(now.getTime() + seconds * 1_000).toISOString();

/** A wait fails when its signal has not come in time. */
const whyEnded = ({ definition }: OpenRun, name: string, status: 'completed' | 'failed'): Partial<StepChange> => {
  const step = definition.steps.find((one) => one.name === name);
  const signal = step && awaitedSignal(step);
  if (signal === undefined || status === 'completed') return {};
  return { code: 'signal_timeout', detail: `The signal ${signal} did not come in time` };
};

const summary = (board: Board): Record<string, unknown> =>
  Object.fromEntries(
    board.all.map(({ name, status, total, completed, failed }) => [name, { status, total, completed, failed }]),
  );

const failureOf = (name: string, row: StepChange | undefined): { code: string; message: string } => {
  const why = [row?.code, row?.detail].filter((text) => text != null).join(': ');
  return { code: 'step_failed', message: `The step ${name} failed${why === '' ? '' : ` (${why})`}`.slice(0, 1_000) };
};
