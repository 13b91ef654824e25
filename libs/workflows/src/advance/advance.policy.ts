// How a run goes on: what its steps are now decides what is to be opened, started and ended. Nothing here knows a database.
import { awaitedSignal, type StepStatus, type WorkflowDefinition, type WorkflowStep } from '@pulser/contracts';

/** A step of a run as far as it has come. A task step has one item; a map as many as its list. */
export interface StepState {
  readonly status: StepStatus;
  /** Items; null until the step is opened. */
  readonly total: number | null;
  /** Items that were submitted: they are the first ones. */
  readonly started: number;
  readonly completed: number;
  /** Failed or cancelled. */
  readonly failed: number;
  /** Of a wait for a signal: whether that has come. */
  readonly hasSignal?: boolean | undefined;
  /** Of a wait: when it ends, or is given up. */
  readonly wakesAt?: Date | undefined;
  /** Items are reused, or are to be done in another order than the first ones: those that are missing still. */
  readonly missing?: readonly number[] | undefined;
}

export const untouched: StepState = { status: 'pending', total: null, started: 0, completed: 0, failed: 0 };

export type States = ReadonlyMap<string, StepState>;

/** Items of a step that are to be submitted now. */
export interface Start {
  readonly step: string;
  readonly indices: readonly number[];
}

export interface Advance {
  /** Steps that ended, with how. */
  readonly ended: ReadonlyMap<string, 'completed' | 'failed'>;
  /** Steps whose turn it is: their condition and list are to be evaluated, then there is another decision. */
  readonly open: readonly string[];
  readonly start: readonly Start[];
  /** What becomes of the run. */
  readonly run: { readonly kind: 'open' | 'completed' } | { readonly kind: 'failed'; readonly step: string };
  /** When a wait ends, if nothing happens before. */
  readonly wakesAt: Date | undefined;
}

const statusOf = (states: States, name: string): StepStatus => states.get(name)?.status ?? 'pending';

const isDone = (status: StepStatus): boolean => status !== 'pending' && status !== 'running';

/** Failed items that a step may have. */
const toleranceOf = ({ on_failure: policy }: WorkflowStep): number => {
  if (policy === 'fail') return 0;
  return policy === 'continue' ? Infinity : policy.tolerate;
};

/** A signal that came in time counts, however late anybody looks. */
const signalEnd = ({ hasSignal, wakesAt }: StepState, now: Date): 'completed' | 'failed' | undefined => {
  if (hasSignal === true) return 'completed';
  return wakesAt !== undefined && wakesAt <= now ? 'failed' : undefined;
};

/** How a running step has ended, if it has. One that may have no more failures ends before its other items. */
const endOf = (step: WorkflowStep, state: StepState, now: Date): 'completed' | 'failed' | undefined => {
  if (awaitedSignal(step) !== undefined) return signalEnd(state, now);
  if (state.wakesAt !== undefined) return state.wakesAt <= now ? 'completed' : undefined;
  if (state.failed > toleranceOf(step)) return 'failed';
  if (state.total === null || state.completed + state.failed < state.total) return undefined;
  return state.failed > 0 && step.on_failure === 'continue' ? 'failed' : 'completed';
};

const indicesFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n);

/** Items that there is room for now. */
const startOf = (step: WorkflowStep, state: StepState): number[] => {
  if (state.total === null || 'wait' in step) return [];
  const { max_parallel: parallel } = ('map' in step && step.map) || { max_parallel: 1 };
  const room = parallel - (state.started - state.completed - state.failed);
  const left = state.total - state.started;
  const count = Math.max(0, Math.min(room, left));
  if (state.missing === undefined) return indicesFrom(state.started, count);
  return state.missing.slice(0, count);
};

/** Whether a step has ended in a way that lets those that need it begin. */
const satisfies = (step: WorkflowStep | undefined, status: StepStatus): boolean =>
  status === 'completed' || status === 'skipped' || (status === 'failed' && step?.on_failure === 'continue');

const earliest = (dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce(
    (first, date) => (first === undefined || (date !== undefined && date < first) ? date : first),
    undefined,
  );

/** @param now by the database's clock */
export const advance = ({ steps }: WorkflowDefinition, states: States, now: Date): Advance => {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const running = steps.flatMap((step) => {
    const state = states.get(step.name);
    return state?.status === 'running' ? [{ step, state, end: endOf(step, state, now) }] : [];
  });
  const ended = new Map(running.flatMap(({ step, end }) => (end === undefined ? [] : [[step.name, end] as const])));
  const status = (name: string): StepStatus => ended.get(name) ?? statusOf(states, name);
  const fatal = steps.find((step) => status(step.name) === 'failed' && step.on_failure !== 'continue');
  if (fatal !== undefined)
    return { ended, open: [], start: [], run: { kind: 'failed', step: fatal.name }, wakesAt: undefined };
  const open = steps
    .filter(({ name }) => status(name) === 'pending')
    .filter(({ needs }) => needs.every((need) => satisfies(byName.get(need), status(need))))
    .map(({ name }) => name);
  const going = running.filter(({ end }) => end === undefined);
  const start = going
    .map(({ step, state }) => ({ step: step.name, indices: startOf(step, state) }))
    .filter(({ indices }) => indices.length > 0);
  const isOver = steps.every(({ name }) => isDone(status(name)));
  const wakesAt = earliest(going.map(({ state }) => state.wakesAt));
  return { ended, open, start, run: { kind: isOver ? 'completed' : 'open' }, wakesAt };
};
