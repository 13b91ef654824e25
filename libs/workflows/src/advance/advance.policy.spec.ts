import { WorkflowDefinition } from '@pulser/contracts';
import fc from 'fast-check';

import { advance, type States, type StepState, untouched } from './advance.policy.js';

const now = new Date(0);

interface Shape {
  readonly needs: readonly number[];
  readonly items: number | null;
  readonly parallel: number;
  readonly policy: 'fail' | 'continue' | { readonly tolerate: number };
  readonly isSkipped: boolean;
}

const nameOf = (n: number): string => `s${n}`;

const definitionOf = (shapes: readonly Shape[]): WorkflowDefinition =>
  WorkflowDefinition.parse({
    steps: shapes.map(({ needs, items, parallel, policy }, n) => ({
      name: nameOf(n),
      needs: needs.filter((need) => need < n).map(nameOf),
      task_type: 'analytics',
      payload: {},
      ...(items !== null && { map: { over: Array.from({ length: items }, (_, i) => i), max_parallel: parallel } }),
      on_failure: typeof policy === 'object' && items === null ? 'fail' : policy,
    })),
  });

const shape = fc.record({
  needs: fc.array(fc.nat(7), { maxLength: 3 }),
  items: fc.option(fc.nat(12), { nil: null, freq: 2 }),
  parallel: fc.integer({ min: 1, max: 4 }),
  policy: fc.oneof(
    fc.constant('fail' as const),
    fc.constant('continue' as const),
    fc.record({ tolerate: fc.integer({ min: 1, max: 3 }) }),
  ),
  isSkipped: fc.boolean(),
});

/** A world in which tasks end in an order, and in a way, that are drawn. */
class World {
  readonly states = new Map<string, StepState>();
  readonly runs = new Map<string, number>();
  readonly open: { readonly step: string; readonly index: number }[] = [];
  readonly order: string[] = [];
  verdict: string | undefined;

  constructor(
    readonly definition: WorkflowDefinition,
    private readonly shapes: readonly Shape[],
    private readonly draw: (below: number) => number,
  ) {}

  private change(step: string, change: Partial<StepState>): void {
    this.states.set(step, { ...(this.states.get(step) ?? untouched), ...change });
  }

  /** Decides until there is nothing to decide any more. */
  settle(): void {
    for (;;) {
      const next = advance(this.definition, this.states, now);
      for (const [step, status] of next.ended) this.end(step, status);
      if (next.run.kind !== 'open') {
        this.verdict = next.run.kind;
        return;
      }
      for (const step of next.open) this.openStep(step);
      for (const { step, indices } of next.start) this.start(step, indices);
      if (next.open.length + next.start.length + next.ended.size === 0) return;
    }
  }

  private end(step: string, status: 'completed' | 'failed'): void {
    this.order.push(step);
    this.change(step, { status });
  }

  private openStep(step: string): void {
    const { isSkipped, items } = this.shapes[Number(step.slice(1))] ?? { isSkipped: false, items: null };
    for (const need of this.definition.steps.find(({ name }) => name === step)?.needs ?? [])
      expect(this.order).toContain(need);
    if (isSkipped) this.order.push(step);
    this.change(step, isSkipped ? { status: 'skipped' } : { status: 'running', total: items ?? 1 });
  }

  private start(step: string, indices: readonly number[]): void {
    for (const index of indices) {
      this.open.push({ step, index });
      this.runs.set(`${step} ${index}`, (this.runs.get(`${step} ${index}`) ?? 0) + 1);
    }
    this.change(step, { started: (this.states.get(step)?.started ?? 0) + indices.length });
    const { parallel, items } = this.shapes[Number(step.slice(1))] ?? { parallel: 1, items: null };
    expect(this.open.filter((task) => task.step === step).length).toBeLessThanOrEqual(items === null ? 1 : parallel);
  }

  /** One of the open tasks ends. @returns false when there is none */
  endOne(): boolean {
    const [task] = this.open.splice(this.draw(this.open.length), 1);
    if (task === undefined) return false;
    const state = this.states.get(task.step) ?? untouched;
    const hasFailed = this.draw(5) === 0;
    this.change(task.step, hasFailed ? { failed: state.failed + 1 } : { completed: state.completed + 1 });
    return true;
  }

  run(): void {
    this.settle();
    while (this.verdict === undefined && this.endOne()) this.settle();
  }
}

const random = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const world = (shapes: readonly Shape[], seed: number): World => new World(definitionOf(shapes), shapes, random(seed));

const statusOf = (states: States, name: string): string => states.get(name)?.status ?? 'pending';

describe('any run', () => {
  it('ends, with each item submitted once, each step after its needs, and the policies of failure kept', () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 8 }), fc.nat(), (shapes, seed) => {
        const it = world(shapes, seed);
        it.run();
        expect(it.verdict).toBeDefined();
        expect([...it.runs.values()].every((times) => times === 1)).toBe(true);
        const { steps } = it.definition;
        const failed = steps.filter(({ name }) => statusOf(it.states, name) === 'failed');
        if (it.verdict === 'failed') expect(failed.some(({ on_failure: policy }) => policy !== 'continue')).toBe(true);
        else {
          expect(failed.every(({ on_failure: policy }) => policy === 'continue')).toBe(true);
          expect(steps.some(({ name }) => ['pending', 'running'].includes(statusOf(it.states, name)))).toBe(false);
          for (const { name } of steps.filter((one) => statusOf(it.states, one.name) !== 'skipped'))
            expect([...it.runs.keys()].filter((key) => key.startsWith(`${name} `)).length).toBe(
              it.states.get(name)?.total,
            );
        }
        for (const { name, on_failure: policy } of steps)
          if (statusOf(it.states, name) === 'completed' && typeof policy === 'object')
            expect(it.states.get(name)?.failed).toBeLessThanOrEqual(policy.tolerate);
      }),
      { seed: 16, numRuns: 300 },
    );
  });
});

describe('advancing', () => {
  const one = (more: object = {}, states: readonly [string, Partial<StepState>][] = [], at = now) =>
    advance(
      WorkflowDefinition.parse({ steps: [{ name: 'a', task_type: 'x', payload: {}, ...more }] }),
      new Map(states.map(([name, state]) => [name, { ...untouched, ...state }])),
      at,
    );

  it('starts as many items of a map as may run side by side', () => {
    const map = { map: { over: [], max_parallel: 3 } };
    const running = { status: 'running', total: 10, started: 4, completed: 2, failed: 0 } as const;
    expect(one(map, [['a', running]]).start).toEqual([{ step: 'a', indices: [4] }]);
    expect(one(map, [['a', { ...running, missing: [7, 9, 3] }]]).start).toEqual([{ step: 'a', indices: [7] }]);
  });

  it('ends a map with its first intolerable failure, before the other items end', () => {
    const state = { status: 'running', total: 10, started: 5, completed: 0, failed: 2 } as const;
    expect(one({ map: { over: [] }, on_failure: { tolerate: 1 } }, [['a', state]]).run).toEqual({
      kind: 'failed',
      step: 'a',
    });
    expect(one({ map: { over: [] }, on_failure: { tolerate: 2 } }, [['a', state]]).run.kind).toBe('open');
  });

  it('completes a map over nothing', () => {
    const state = { status: 'running', total: 0 } as const;
    expect(one({ map: { over: [] } }, [['a', state]]).run.kind).toBe('completed');
  });

  it('waits until the time has come', () => {
    const definition = WorkflowDefinition.parse({ steps: [{ name: 'w', wait: { for_s: 10 } }] });
    const states = new Map([['w', { ...untouched, status: 'running' as const, wakesAt: new Date(10_000) }]]);
    expect(advance(definition, states, new Date(9_999))).toMatchObject({
      run: { kind: 'open' },
      wakesAt: new Date(10_000),
    });
    expect(advance(definition, states, new Date(10_000)).run.kind).toBe('completed');
  });

  it.each([
    [{}, true, 'completed'],
    [{}, false, 'open'],
    [{ within_s: 10 }, true, 'completed'],
    [{ within_s: 10 }, false, 'failed'],
  ] as const)('waits for a signal: %j, when it has come: %s', (limit, hasSignal, kind) => {
    const definition = WorkflowDefinition.parse({ steps: [{ name: 'w', wait: { signal: 'go', ...limit } }] });
    const wakesAt = 'within_s' in limit ? { wakesAt: new Date(10_000) } : {};
    const states = new Map([['w', { ...untouched, status: 'running' as const, hasSignal, ...wakesAt }]]);
    expect(advance(definition, states, new Date(20_000)).run.kind).toBe(kind);
  });
});
