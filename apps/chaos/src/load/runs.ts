// Runs of workflows: definitions of every kind of step, with the effects that a run has and the result that it comes to.
import type { Random } from '@pulser/harness';

import { ownTaskType } from '../worker/outside.js';
import type { ExpectedAnswer } from './agent-work.js';

/** A run that is to be submitted. */
export interface RunOrder {
  readonly payload: Readonly<Record<string, unknown>> & { readonly operation: 'run' };
  readonly answer: ExpectedAnswer;
  /** References of its effects: each is a task of its own, and had once when the run has completed. */
  readonly effects: readonly string[];
}

const effect = (ref: unknown) => ({ task_type: ownTaskType, payload: { operation: 'effect', ref } });

const named = (name: string) => ({ $cel: `inputs.ref + '.${name}'` });

const begin = { name: 'begin', ...effect(named('begin')) };

const each = {
  name: 'each',
  needs: ['begin'],
  map: { over: { $path: '$.inputs.items' }, max_parallel: 3 },
  ...effect({ $cel: `inputs.ref + '.each-' + string(index)` }),
};

const sum = (count: number) => ({
  name: 'sum',
  needs: ['begin'],
  task_type: 'analytics',
  payload: { operation: 'query', sources: [], sql: `select sum(range)::bigint as total from range(${count})` },
});

const gate = {
  name: 'gate',
  needs: ['each'],
  approval: { title: 'A gate of a run', arguments: { ref: { $path: '$.inputs.ref' }, verdict: 'approve' } },
};

const pause = { name: 'pause', needs: ['begin'], wait: { for_s: 1 } };

/** Of the runs, these shares have a step that asks persons, and one that waits for a time. */
const gateShare = 0.4;
const pauseShare = 0.3;
const maxItems = 5;

/** @param ref of the order: those of its effects begin with it */
export const runOf = (ref: string, random: Random): RunOrder => {
  const [items, count] = [random.whole(1, maxItems), random.whole(2, 500)];
  const between = [...(random.chance(gateShare) ? [gate] : []), ...(random.chance(pauseShare) ? [pause] : [])];
  const end = { name: 'end', needs: ['each', 'sum', ...between.map(({ name }) => name)], ...effect(named('end')) };
  const definition = {
    inputs: { ref: { type: 'string' }, items: { type: 'array' } },
    steps: [begin, each, sum(count), ...between, end],
    output: { total: { $path: '$.steps.sum.result.rows[0][0]' }, items: { $path: '$.steps.each.completed' } },
  };
  const inputs = { ref, items: Array.from({ length: items }, (_, n) => n) };
  return {
    payload: { operation: 'run', definition, inputs },
    answer: { at: ['total'], is: (count * (count - 1)) / 2 },
    effects: ['begin', ...inputs.items.map((n) => `each-${n}`), 'end'].map((name) => `${ref}.${name}`),
  };
};
