// What two versions of a definition differ in, step by step.
import type { WorkflowDefinition, WorkflowDiff } from '@pulser/contracts';
import { createPatch } from 'rfc6902';

type Changes = Omit<WorkflowDiff, 'from' | 'to'>;

/** JSON Patch (RFC 6902) from one value to another. */
export const patchOf = (before: unknown, after: unknown): WorkflowDiff['rest'] =>
  createPatch(before, after).map(({ op, path, ...rest }) => ({
    op,
    path,
    ...('value' in rest && { value: rest.value as unknown }),
  }));

/** Steps are the same when they have the same name; their order says nothing. */
export const diffOf = (before: WorkflowDefinition, after: WorkflowDefinition): Changes => {
  const { steps: old, ...oldRest } = before;
  const { steps: now, ...newRest } = after;
  const byName = new Map(old.map((step) => [step.name, step]));
  const names = new Set(now.map(({ name }) => name));
  const changed = now.flatMap((step) => {
    const earlier = byName.get(step.name);
    const patch = earlier === undefined ? [] : patchOf(earlier, step);
    return patch.length === 0 ? [] : [{ step: step.name, patch }];
  });
  return {
    added: now.map(({ name }) => name).filter((name) => !byName.has(name)),
    removed: old.map(({ name }) => name).filter((name) => !names.has(name)),
    changed,
    rest: patchOf(oldRest, newRest),
  };
};
