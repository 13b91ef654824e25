import type { GraphNode, RunStep } from '@pulser/contracts';

import { drawingOf, type Part } from './graph-parts.policy.js';
import { type GraphSource, type StepContent } from './graph-source.js';

const node = (name: string, level: number, more: Partial<GraphNode> = {}): GraphNode => ({
  name,
  kind: 'task',
  label: 'analytics: query',
  is_map: false,
  has_condition: false,
  level,
  ...more,
});

const step = (name: string, more: Partial<RunStep> = {}): RunStep => ({
  ...{ name, kind: 'task', status: 'running', is_map: false, total: 1, started: 1, completed: 0, failed: 0 },
  ...{ task_id: null, reused: false, started_at: null, ended_at: null, wakes_at: null, signal: null },
  ...{ code: null, detail: null },
  ...more,
});

const draw = (
  source: GraphSource,
  contents: Readonly<Record<string, StepContent>> = {},
  chosen: Readonly<Record<string, boolean>> = {},
) => drawingOf({ source, contents: new Map(Object.entries(contents)), chosen: new Map(Object.entries(chosen)) });

const folds = (parts: readonly Part[]) => parts.map(({ id, fold }) => [id, fold]);

const items = (count: number): StepContent => ({
  kind: 'items',
  items: Array.from({ length: count }, (_, index) => ({ index, task_id: `t${index}`, status: 'open', code: null })),
});

describe('the boxes of a graph', () => {
  it('are its steps, each leading to its task', () => {
    const run = { id: 'r', steps: new Map([['a', step('a', { task_id: 't1' })]]) };
    const { parts, edges } = draw({ nodes: [node('a', 0), node('b', 1)], edges: [{ from: 'a', to: 'b' }], run });
    expect(parts.map(({ id, place }) => [id, place])).toEqual([
      ['a', '/tasks/t1'],
      ['b', undefined],
    ]);
    expect(edges).toEqual([{ from: 'a', to: 'b' }]);
  });

  it('have the steps of a workflow in them, and open those that fit', () => {
    const source = { nodes: [node('report', 0, { kind: 'workflow', label: 'figures@2' })], edges: [] };
    const inner = { nodes: [node('x', 0), node('y', 1)], edges: [{ from: 'x', to: 'y' }] };
    const { parts, edges, wanted } = draw(source, { report: { kind: 'steps', source: inner } });
    expect(parts[0]).toMatchObject({ fold: 'open', place: '/workflows/figures?version=2' });
    expect(parts[0]?.parts.map(({ id }) => id)).toEqual(['report/x', 'report/y']);
    expect(edges).toEqual([{ from: 'report/x', to: 'report/y' }]);
    expect([...wanted]).toEqual([['report', '/api/v1/workflows/figures/graph?version=2']]);
  });

  it('leave a workflow of more than a hundred steps closed until it is asked for', () => {
    const source = { nodes: [node('big', 0, { kind: 'workflow', label: 'big' })], edges: [] };
    const inner = { nodes: Array.from({ length: 120 }, (_, n) => node(`s${n}`, n)), edges: [] };
    const contents: Record<string, StepContent> = { big: { kind: 'steps', source: inner } };
    expect(folds(draw(source, contents).parts)).toEqual([['big', 'closed']]);
    expect(draw(source, contents, { big: true }).parts[0]?.parts).toHaveLength(120);
  });

  it('leave workflows within workflows closed until they are asked for', () => {
    const nested: GraphSource = { nodes: [node('again', 0, { kind: 'workflow', label: 'figures' })], edges: [] };
    const contents: Record<string, StepContent> = { again: { kind: 'steps', source: nested } };
    expect(folds(draw(nested, contents).parts[0]?.parts ?? [])).toEqual([['again/again', 'closed']]);
    const asked = draw(nested, contents, { 'again/again': true });
    expect(asked.wanted.has('again/again')).toBe(true);
  });

  it('have the tasks of a map in them, up to a hundred boxes in all', () => {
    const maps = ['a', 'b'].map((name) => node(name, 0, { is_map: true }));
    const steps = new Map(
      ['a', 'b'].map((name) => [name, step(name, { is_map: true, total: 60, completed: 7, failed: 2 })]),
    );
    const { parts } = draw({ nodes: maps, edges: [], run: { id: 'r', steps } }, { a: items(60) });
    expect(folds(parts)).toEqual([
      ['a', 'open'],
      ['b', 'closed'],
    ]);
    expect(parts[0]?.items[59]).toEqual({ index: 59, status: 'open' });
    expect(parts[0]?.place).toBe('/runs/r?step=a');
    expect(parts[1]?.label).toBe('7 of 60, 2 failed');
  });

  it('are groups of levels above a hundred steps, in the state that needs a look', () => {
    const nodes = Array.from({ length: 150 }, (_, n) => node(`s${n}`, n, { status: n === 9 ? 'failed' : 'completed' }));
    const edges = nodes.slice(1).map(({ name }, n) => ({ from: `s${n}`, to: name }));
    const closed = draw({ nodes, edges });
    expect(closed.parts).toHaveLength(19);
    expect(closed.edges).toHaveLength(18);
    expect(closed.parts.slice(0, 2).map(({ title, label, status }) => [title, label, status])).toEqual([
      ['s0 … s7', '8 steps', 'completed'],
      ['s8 … s15', '8 steps', 'failed'],
    ]);
    const opened = draw({ nodes, edges }, {}, { 'levels 2': true });
    expect(opened.parts[1]?.parts).toHaveLength(8);
    expect(opened.edges).toContainEqual({ from: 'levels 1', to: 's8' });
    expect(opened.edges).toContainEqual({ from: 's8', to: 's9' });
    expect(opened.edges).toContainEqual({ from: 's15', to: 'levels 3' });
  });
});
