import type { GraphNode } from '@pulser/contracts';

import { drawingOf } from './run-layout.policy.js';

const node = (name: string, level: number, more: Partial<GraphNode> = {}): GraphNode => ({
  name,
  kind: 'task',
  label: 'analytics: query',
  is_map: false,
  has_condition: false,
  level,
  ...more,
});

describe('the drawing of a graph', () => {
  it('has a column for each level and a line for each need', () => {
    const { nodes, edges, width } = drawingOf({
      nodes: [node('a', 0), node('b', 1), node('c', 1)],
      edges: [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'c' },
      ],
    });
    expect(new Set(nodes.map(({ x }) => x)).size).toBe(2);
    expect(edges.map(({ id }) => id)).toEqual(['a b', 'a c']);
    expect(width).toBeGreaterThan(0);
  });

  it('has a box for each level from a hundred steps on, in the state that needs a look', () => {
    const many = Array.from({ length: 150 }, (_, n) => node(`s${n}`, n < 50 ? 0 : 1, { status: 'completed' }));
    const { nodes, edges } = drawingOf({
      nodes: [...many.slice(1), node('bad', 1, { status: 'failed' })],
      edges: [{ from: 's1', to: 's60' }],
    });
    expect(nodes.map(({ label, status }) => [label, status])).toEqual([
      ['49 steps', 'completed'],
      ['101 steps', 'failed'],
    ]);
    expect(edges).toHaveLength(1);
  });
});
