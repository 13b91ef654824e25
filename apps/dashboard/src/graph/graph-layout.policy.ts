// Where the boxes of a graph stand: by dagre, one layout for each box that has others in it, from the inside out.
import { Graph, layout } from '@dagrejs/dagre';

import type { GraphEdge } from './graph-source.js';

/** A box before it has a place; the size of one with others in it comes of them. */
export interface Shape {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly inner: readonly Shape[];
}

export interface LayoutOrder {
  readonly shapes: readonly Shape[];
  readonly edges: readonly GraphEdge[];
  /** From left to right, or from top to bottom where there is no width. */
  readonly direction: 'LR' | 'TB';
}

/** In pixels; of what is in another box from the corner of that one. */
export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

/** Around what is in a box, and above it for its name. */
const padding = { side: 12, top: 58 } as const;

const idsOf = ({ id, inner }: Shape): string[] => [id, ...inner.flatMap(idsOf)];

/** Edges between these boxes, whichever of what is in them they begin or end at. */
const edgesBetween = (shapes: readonly Shape[], edges: readonly GraphEdge[]): GraphEdge[] => {
  const holderOf = new Map(shapes.flatMap((shape) => idsOf(shape).map((id) => [id, shape.id] as const)));
  return edges.flatMap((edge) => {
    const [from, to] = [holderOf.get(edge.from), holderOf.get(edge.to)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
  });
};

const withInner = (order: LayoutOrder, shape: Shape): { shape: Shape; placed: readonly Placed[] } => {
  if (shape.inner.length === 0) return { shape, placed: [] };
  const { placed, width, height } = layoutOf({ ...order, shapes: shape.inner });
  const own = new Set(shape.inner.map(({ id }) => id));
  return {
    shape: {
      ...shape,
      width: Math.max(shape.width, width + 2 * padding.side),
      height: height + padding.top + padding.side,
    },
    placed: placed.map((one) => (own.has(one.id) ? { ...one, x: one.x + padding.side, y: one.y + padding.top } : one)),
  };
};

export const layoutOf = (order: LayoutOrder): Layout => {
  const sized = order.shapes.map((shape) => withInner(order, shape));
  const graph = new Graph();
  graph.setGraph({ rankdir: order.direction, nodesep: 14, ranksep: order.direction === 'LR' ? 36 : 28 });
  for (const { shape } of sized) graph.setNode(shape.id, { width: shape.width, height: shape.height });
  for (const { from, to } of edgesBetween(order.shapes, order.edges)) graph.setEdge(from, to, {});
  layout(graph);
  const placed = sized.map(({ shape: { id, width, height } }): Placed => {
    // Dagre has the middle of each.
    const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
    return { id, x: x - width / 2, y: y - height / 2, width, height };
  });
  return {
    placed: [...placed, ...sized.flatMap((one) => one.placed)],
    width: Math.max(0, ...placed.map(({ x, width }) => x + width)),
    height: Math.max(0, ...placed.map(({ y, height }) => y + height)),
  };
};
